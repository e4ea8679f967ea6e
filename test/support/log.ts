import { QueryTypes } from 'sequelize';
import type { SecurityEvent } from '#models/security-event.js';
import { timesOf } from '#server/trace/details.js';
import { withPersons } from '#server/trace/personal.js';
import { verifyLog, type Verdict } from '#server/trace/verify.js';
import type { Page } from './browser.js';
import { contextIn } from './links.js';
import type { Portal } from './portal.js';

/** Does to the database what somebody could who has it in hand: the triggers go first. */
export async function tamper(portal: Portal, ...statements: string[]): Promise<void> {
  const { sequelize, dialect } = portal.database;
  const without =
    dialect === 'sqlite'
      ? ['DROP TRIGGER IF EXISTS security_events_no_update', 'DROP TRIGGER IF EXISTS security_events_no_delete']
      : ['ALTER TABLE security_events DISABLE TRIGGER ALL'];
  for (const statement of [...without, ...statements]) await sequelize.query(statement);
}

/** The verdict on the log of this organisation. */
export async function verdictOn(portal: Portal, slug: string): Promise<Verdict> {
  const { tenant } = await contextIn(portal, slug);
  return verifyLog(portal.services.keys, tenant.id);
}

type RawEvent = Record<'seq' | 'event' | 'door' | 'details' | 'level' | 'hash', string> & {
  id: string;
  actor_id: string | null;
  target_id: string | null;
};

/** The rows of an organisation's log as they stand in the database, in the order of the chain. */
export async function rowsOf(portal: Portal, slug: string): Promise<RawEvent[]> {
  const { tenant } = await contextIn(portal, slug);
  const sql = 'SELECT * FROM security_events WHERE tenant_id = $1 ORDER BY seq';
  return portal.database.sequelize.query<RawEvent>(sql, { bind: [tenant.id], type: QueryTypes.SELECT });
}

/** The details of the newest row of this event, as who may read the log reads them. */
export async function newestDetails(
  portal: Portal,
  slug: string,
  event: SecurityEvent['event'],
): Promise<Record<string, unknown>> {
  const row = (await rowsOf(portal, slug)).filter((one) => one.event === event).at(-1);
  if (!row) throw new Error(`The log of ${slug} has no ${event}.`);
  const { tenant } = await contextIn(portal, slug);
  const [opened] = await withPersons(portal.services, tenant.id, [row]);
  return JSON.parse(opened?.details ?? '') as Record<string, unknown>;
}

/** How often this event happened in an organisation: each row of its log may tell of several, and some still wait to be told. */
export async function happened(portal: Portal, slug: string, event: SecurityEvent['event']): Promise<number> {
  const { tenant } = await contextIn(portal, slug);
  const sql = 'SELECT SUM(times) AS waiting FROM log_repeats WHERE tenant_id = $1 AND event = $2';
  const [row] = await portal.database.read(sql, [tenant.id, event]);
  const told = (await rowsOf(portal, slug)).filter((one) => one.event === event);
  return told.reduce((sum, { details }) => sum + timesOf(details), Number(row?.['waiting'] ?? 0));
}

/** The rows of the page's table, cell by cell, as they are read. */
export function table(page: Page): string[][] {
  const words = (text: string): string => text.replace(/\s+/g, ' ').trim();
  return page.document
    .querySelectorAll('tbody tr')
    .map((row) => row.querySelectorAll('th, td').map((cell) => words(cell.text)));
}

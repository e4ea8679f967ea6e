import { objectIn } from '#server/lib/json-object.js';
import type { Row } from '#models/database.js';
import type { Door, Level } from '#policies/enumerations.js';
import type { Count } from '#models/paging.js';
import { User } from '#models/user.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import type { ClientDescription } from '#server/lib/client.js';
import { EVENTS, isEventName } from '#server/trace/events.js';
import { withPersons } from '#server/trace/personal.js';
import { partiesOf, type Party } from './people.js';
import { textOrNull, wholeRow } from './row.js';
import { countLog, searchLog, type Found, type LogFilter } from './search.js';
import { meaningOf, type Searched, type Understood } from './understood.js';
import { detailsInWords, type DetailInWords } from './words.js';

export interface LogEntry {
  id: string;
  seq: number;
  at: number;
  event: string;
  label: string;
  level: Level;
  door: Door;
  actor: Party;
  target: Party | null;
  ip: string | null;
  client: ClientDescription | null;
  details: DetailInWords[];
}

/** An entry with what only its own page shows. */
export interface WholeEntry extends LogEntry {
  sessionId: string | null;
  requestId: string | null;
  /** Ties the row to the one before it. */
  hash: string;
}

export interface ListedEvents extends Omit<Found, 'rows'> {
  entries: LogEntry[];
  /** Null where it cannot be said. */
  total: Count | null;
  /** What the search was taken to mean; null where it was looked for in what the rows tell. */
  understood: Understood | null;
}

/** A page of the log of the caller's tenant, in words. */
export async function listEvents(
  context: TenantContext,
  { text = '', within, ...asked }: Omit<LogFilter, 'text' | 'any'> & Searched,
): Promise<ListedEvents> {
  demandReading(context);
  const { services, tenant } = context;
  const { understood, ...sought } = await meaningOf(context, { text, within });
  const filter = { ...asked, ...sought };
  const { rows: kept, ...end } = await searchLog(services.database, tenant.id, filter);
  const rows = await withPersons(services, tenant.id, kept);
  const parties = await partiesOf(tenant, rows);
  const first = filter.after === undefined;
  const whole = first && end.next === null;
  return {
    ...end,
    entries: rows.map((row) => entryOf(row, parties(row))),
    total: whole ? rows.length : await totalOf(context, filter, first ? end : null),
    understood,
  };
}

// One walk that gave up before its first page was full has found fewer than can be counted: nobody looks twice.
async function totalOf(
  { services, tenant }: TenantContext,
  filter: LogFilter,
  first: Pick<Found, 'stoppedAt'> | null,
): Promise<Count | null> {
  const alone = filter.person === undefined && (filter.any ?? []).length === 0;
  if (alone && first !== null && first.stoppedAt !== null) return null;
  return countLog(services.database, tenant.id, filter);
}

/** One row of the log of the caller's tenant. Throws `NotFound`, for another tenant's too. */
export async function readEvent(context: TenantContext, id: string): Promise<WholeEntry> {
  const row = await wholeRow(context, id);
  const parties = await partiesOf(context.tenant, [row]);
  const { session_id: sessionId, request_id: requestId, hash } = row;
  return {
    ...entryOf(row, parties(row)),
    sessionId: textOrNull(sessionId),
    requestId: textOrNull(requestId),
    hash: String(hash),
  };
}

/** The id of the user of the caller's tenant whom a username, an e-mail address or an id names; null when there is none. An id is taken even of who is gone. */
export async function findPerson(context: TenantContext, typed: string): Promise<string | null> {
  if (!can(context.actor, 'log:export')) demandReading(context);
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(typed)) return typed;
  const user = await User.called(context.tenant.id, typed, { attributes: ['id', 'usernameKey', 'emailKey'] });
  return user?.id ?? null;
}

/** What a user of the caller's tenant is called; null for who is gone. */
export async function nameOf(context: TenantContext, id: string): Promise<string | null> {
  demandReading(context);
  const user = await User.findOne({ where: { tenantId: context.tenant.id, id }, attributes: ['name'] });
  return user?.name ?? null;
}

function demandReading(context: TenantContext): void {
  if (!can(context.actor, 'log:read')) throw new Forbidden();
}

function entryOf(row: Row, parties: { actor: Party; target: Party | null }): LogEntry {
  const event = String(row['event']);
  return {
    id: String(row['id']),
    seq: Number(row['seq']),
    at: Number(row['at']),
    event,
    label: isEventName(event) ? EVENTS[event].label : event,
    level: row['level'] as Level,
    door: row['door'] as Door,
    ...parties,
    ip: textOrNull(row['ip']),
    client: clientOf(row['client']),
    details: detailsInWords(String(row['details'])),
  };
}

// A row that somebody has tampered with is still shown.
function clientOf(json: Row[string] | undefined): ClientDescription | null {
  return objectIn(typeof json === 'string' ? json : null) as ClientDescription | null;
}

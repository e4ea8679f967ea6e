import type { Request, Response } from 'express';
import { setFlash } from '#server/http/flash.js';
import { pathId } from '#server/http/form.js';
import { readQuery } from '#server/input/read.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { EVENTS } from '#server/trace/events.js';
import { findPerson, listEvents, readEvent, verifyOwnLog } from './actions.js';
import { dayBegins } from '#server/lib/days.js';
import { logQuery, type LogQuery } from './input.js';
import type { Place } from './search.js';

const PATH = '/admin/security-log';
const DOORS = { web: 'Web page', api: 'API', cli: 'Command line', job: 'Scheduled work' } as const;
const EVENT_OPTIONS = Object.entries(EVENTS)
  .map(([value, { label }]) => ({ value, label }))
  .sort((a, b) => a.label.localeCompare(b.label, 'en'));

export async function showLog(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const query = readQuery(logQuery, req.query);
  const { timeZone } = context.user;
  const person = query.actor === '' ? undefined : await findPerson(context, query.actor);
  const { entries, next, stoppedAt } =
    person === null
      ? NOBODY
      : await listEvents(context, {
          text: query.q,
          person,
          event: query.event,
          level: query.level,
          from: query.from === undefined ? undefined : whole(dayBegins(query.from, timeZone)),
          to: query.to === undefined ? undefined : whole(dayBegins(query.to, timeZone, 1)),
          sort: query.sort,
          after: placeFrom(query.cursor),
        });
  const { cursor, ...filters } = query;
  show(res, 'security-log/index', {
    title: 'Security log',
    entries,
    stoppedAt,
    filters,
    filtered: Object.keys(asked(filters)).some((name) => name !== 'sort'),
    nobody: person === null ? query.actor : null,
    events: EVENT_OPTIONS,
    hrefs: {
      start: cursor === undefined ? null : linkTo(filters),
      next: next === null ? null : linkTo(filters, cursorOf(next)),
      turned: linkTo({ ...filters, sort: query.sort === 'newest' ? 'oldest' : 'newest' }),
    },
  });
}

export async function showEntry(req: Request, res: Response): Promise<void> {
  const entry = await readEvent(signedIn(req), pathId(req));
  show(res, 'security-log/entry', { title: entry.label, entry, door: DOORS[entry.door] });
}

export async function verify(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const verdict = await verifyOwnLog(context);
  if (verdict.intact) {
    const rows = verdict.count === 1 ? 'the one row' : `all ${verdict.count.toLocaleString('en-GB')} rows`;
    setFlash(context.services, res, `The security log is intact: ${rows} stand as they were written.`);
  } else {
    setFlash(
      context.services,
      res,
      `The security log is broken. ${verdict.why} Keep a copy of the database, and find out who could write to it.`,
      'danger',
    );
  }
  res.redirect(303, PATH);
}

const NOBODY = { entries: [], next: null, stoppedAt: null };

// What is no day of the calendar filters nothing.
function whole(at: number): number | undefined {
  return Number.isFinite(at) ? at : undefined;
}

function cursorOf({ at, seq }: Place): string {
  return Buffer.from(`${at}.${seq}`).toString('base64url');
}

function placeFrom(cursor: string | undefined): Place | undefined {
  const [, at, seq] = /^(\d{1,15})\.(\d{1,15})$/.exec(Buffer.from(cursor ?? '', 'base64url').toString()) ?? [];
  return at === undefined || seq === undefined ? undefined : { at: Number(at), seq: Number(seq) };
}

type Filters = Omit<LogQuery, 'cursor'>;

function asked(filters: Filters): Record<string, string> {
  const entries = Object.entries(filters).filter(
    (one): one is [string, string] => one[1] !== undefined && one[1] !== '',
  );
  return Object.fromEntries(entries.filter(([name, value]) => name !== 'sort' || value !== 'newest'));
}

function linkTo(filters: Filters, cursor?: string): string {
  const text = new URLSearchParams({ ...asked(filters), ...(cursor === undefined ? {} : { cursor }) }).toString();
  return text === '' ? PATH : `${PATH}?${text}`;
}

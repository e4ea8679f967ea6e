import type { Request, Response } from 'express';
import { can } from '#policies/can.js';
import { pathId } from '#server/http/form.js';
import { leftOut, readQuery } from '#server/input/read.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { listEvents, nameOf, readEvent } from './actions.js';
import { checkpointsFor } from './checkpoint-pages.js';
import { filterOf, turnedRound } from './filter-pages.js';
import {
  aboutIn,
  asked,
  DOOR_LABELS,
  filesOf,
  filtersFor,
  LABELS,
  linkTo,
  PATH,
  rangesOf,
  tabsOf,
  type Filters,
} from './list-pages.js';
import { logQuery } from './input.js';
import type { Place } from './search.js';
import { beginVerification, lastVerification } from './verification.js';

/** What says how, and not what, is asked. */
const SILENT: ReadonlySet<string> = new Set(['sort', 'within', 'days']);

export async function showLog(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const query = readQuery(logQuery, req.query);
  const { cursor, ...filters } = query;
  const after = placeFrom(cursor);
  const lost = cursor !== undefined && after === undefined ? ['cursor'] : [];
  const wanted = await filterOf(context, filters);
  const turned = turnedRound(filters);
  if (turned) res.status(422);
  const person = wanted?.person;
  const name = person ? await nameOf(context, person) : null;
  const { entries, next, stoppedAt, total, understood } =
    wanted === null ? NOTHING : await listEvents(context, { ...wanted, after });
  const chosen = Object.keys(asked(filters)).filter((name) => !SILENT.has(name));
  show(res, 'security-log/index', {
    title: 'Security log',
    entries,
    stoppedAt,
    total,
    sort: query.sort,
    filtered: chosen.length > 0,
    filters: {
      ...filtersFor(query),
      chosen: chosen.filter((name) => name !== 'q' && name !== 'last').length,
      clear: chosen.length > 0 ? PATH : null,
      ignored: [...leftOut(logQuery, req.query), ...lost].map((name) => LABELS[name] ?? name),
    },
    about: understood && aboutIn(understood),
    hrefs: {
      start: after === undefined ? null : linkTo(filters),
      next: next === null ? null : linkTo(filters, cursorOf(next)),
      turned: linkTo({ ...filters, sort: query.sort === 'newest' ? 'oldest' : 'newest' }),
      within: linkTo({ ...filters, within: 'details' }),
    },
    verification: await lastVerification(context),
    checkpoints: await checkpointsFor(context),
    files: can(context.actor, 'log:export') && !turned ? filesOf(filters) : [],
    linkFor: (one: Partial<Filters>) => linkTo({ ...filters, ...one }),
    ranges: rangesOf(filters),
    nobody: wanted === null && !turned ? query.actor : null,
    person: name,
    tabs: name !== null && person && can(context.actor, 'users:read') ? tabsOf(person) : null,
    errors: turned
      ? [{ field: 'from', message: 'The first day is after the last one. Choose a first day that is not later.' }]
      : [],
  });
}

export async function showEntry(req: Request, res: Response): Promise<void> {
  const entry = await readEvent(signedIn(req), pathId(req));
  show(res, 'security-log/entry', { title: entry.label, entry, door: DOOR_LABELS[entry.door] });
}

export async function verify(req: Request, res: Response): Promise<void> {
  await beginVerification(signedIn(req));
  res.redirect(303, `${PATH}#verify`);
}

const NOTHING = { entries: [], next: null, stoppedAt: null, total: 0 as const, understood: null };

function cursorOf({ at, seq }: Place): string {
  return Buffer.from(`${at}.${seq}`).toString('base64url');
}

function placeFrom(cursor: string | undefined): Place | undefined {
  const [, at, seq] = /^(\d{1,15})\.(\d{1,15})$/.exec(Buffer.from(cursor ?? '', 'base64url').toString()) ?? [];
  return at === undefined || seq === undefined ? undefined : { at: Number(at), seq: Number(seq) };
}

import type { Request, Response } from 'express';
import { can } from '#policies/can.js';
import type { PolicyWay } from '#policies/enumerations.js';
import type { TenantContext } from '#server/context.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { searchOf } from '#server/http/search.js';
import { signedIn } from '#server/http/request.js';
import { readQuery } from '#server/input/read.js';
import { previewPolicy } from './effects.js';
import { changeBackTo, findPastChange, readHistory, type PastChange } from './history.js';
import { historyQuery, restorationForm } from './input.js';
import { showPreview } from './preview-page.js';
import { saveOrAsk } from './save.js';
import { startOf } from './schedule.js';
import { waitingFor } from './waiting-page.js';
import { differencesInWords, policyFacts } from './words.js';

const PATH = '/admin/security-policy/history';
const SIZE = 25;
const SEARCHED = 1000;

const WAYS: Readonly<Record<PolicyWay, string>> = {
  created: 'The organisation was added',
  begun: 'As it was when its history began to be kept',
  changed: 'Changed',
  scheduled: 'Changed at the time that was set',
  restored: 'Restored',
};

/** Who changed the policy, when, from what to what. */
export async function showHistory(req: Request, res: Response): Promise<void> {
  const { page = 1 } = readQuery(historyQuery, req.query);
  const { q, finds, filters } = searchOf(req, { action: PATH, label: 'Changes', search: 'Setting, value or person' });
  const from = (page - 1) * SIZE;
  const context = signedIn(req);
  const { changes, total } = await found(context, q === '' ? null : finds, from);
  const { waiting, ...rights } = await waitingFor(context);
  const shown = waiting && page === 1 && (q === '' || matches(waiting, finds));
  const linkTo = (to: number): string =>
    `${PATH}?${new URLSearchParams({ ...(q && { q }), page: String(to) }).toString()}`;
  show(res, 'security-policy/history', {
    title: 'History of the security policy',
    waiting: shown ? waiting : null,
    ...rights,
    changes,
    filters,
    pager: {
      from: changes.length === 0 ? 0 : from + 1,
      to: from + changes.length,
      total,
      previous: page > 1 ? linkTo(page - 1) : null,
      next: from + SIZE < total ? linkTo(page + 1) : null,
    },
  });
}

// Words are made of what is kept, so a search reads as many as are worth it, the newest first.
async function found(context: TenantContext, finds: ((...texts: string[]) => boolean) | null, offset: number) {
  const { changes, total } = await readHistory(context, finds ? { limit: SEARCHED } : { offset, limit: SIZE });
  const worded = changes.map(inWords);
  if (!finds) return { changes: worded, total };
  const sought = worded.filter((one) => matches(one, finds));
  return { changes: sought.slice(offset, offset + SIZE), total: sought.length };
}

type Worded = Pick<ReturnType<typeof inWords>, 'author' | 'differences'> & { way?: string };

function matches({ way = '', author, differences }: Worded, finds: (...texts: string[]) => boolean): boolean {
  const values = differences.flatMap(({ label, from, to }) => [label, from, to]);
  return finds(way, author.name, author.username ?? '', ...values);
}

/** One change, and all of the policy after it. */
export async function showEntry(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const change = await findPastChange(context, pathId(req));
  show(res, 'security-policy/entry', {
    title: 'A change of the security policy',
    change: inWords(change),
    restored: change.entry.restoredId === null ? null : `${PATH}/${change.entry.restoredId}`,
    facts: policyFacts(change.state),
    mayRestore: can(context.actor, 'policy:write'),
    // The values are not typed here: there is no field that could be led to.
    errors: (problem?.errors ?? []).map(({ message }) => ({ field: '', message })),
  });
}

/** Puts back the policy as it was after a change: first the same preview as of any change, then, confirmed, the change. */
export async function restore(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const past = await findPastChange(context, pathId(req), 'policy:write');
  const change = changeBackTo(past);
  await answerForm(req, res, {
    form: restorationForm,
    act: async ({ confirmed, _shown: seen, ...later }) =>
      confirmed
        ? saveOrAsk(context, { ...change, seen }, { ...later, restores: past.entry.id })
        : { asks: await previewPolicy(context, change, startOf(context, later.startsAt)) },
    again: (problem) => showEntry(req, res, problem),
    done(outcome) {
      if ('asks' in outcome)
        return showPreview(req, res, outcome.asks, {
          to: `${PATH}/${past.entry.id}/restoration`,
          fields: () => [{ field: 'confirmed', value: '1' }],
          label: 'Restore the policy',
          back: { label: 'The change', href: `${PATH}/${past.entry.id}` },
        });
      setFlash(context.services, res, outcome.flash);
      res.redirect(303, '/admin/security-policy');
    },
  });
}

function inWords({ entry: { id, changedAt, way }, author, differences }: PastChange) {
  return {
    id,
    changedAt,
    way: WAYS[way],
    author,
    differences: differencesInWords(differences),
  };
}

import type { Request, Response } from 'express';
import { ApiCredential } from '#models/api-credential.js';
import { mostMonths } from '#models/security-policy.js';
import type { LeftOutBecause } from '#policies/enumerations.js';
import type { SignedInContext } from '#server/context.js';
import { Invalid, type FieldError } from '#server/errors.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Form } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { howMany } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { dayBegins } from '#server/lib/days.js';
import { removalForm, shorteningForm } from './input.js';
import { changeMany, idsOf, MOST, planFor, seenOf, type Considered, type Deed, type Plan } from './many.js';
import type { CredentialFilters } from './orders.js';
import { list } from './pages.js';

const PATH = '/admin/credentials';
/** So many are named, of those it is done to and of those left out. */
const NAMED = 50;

const BECAUSE: Readonly<Record<LeftOutBecause, string>> = {
  above: 'The owner may do more than you.',
  'ends-earlier': 'It ends by then anyway.',
  'no-cap': 'The policy says nothing of SSH keys. Choose a day.',
};

interface Sent extends CredentialFilters {
  ids: string[];
  all: boolean;
  confirmed: boolean;
  seen: string;
}

/** The one question without an answer of its own: what is to be changed is chosen in the list. */
export function askWhich(_req: Request, res: Response): void {
  res.redirect(303, PATH);
}

export async function revokeMany(req: Request, res: Response): Promise<void> {
  await change(req, res, removalForm, () => ({ deed: { kind: 'removal' }, expiresOn: null, errors: [] }));
}

export async function shortenMany(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await change(req, res, shorteningForm, ({ expiresOn }) => {
    const end = expiresOn === '' ? null : endOf(expiresOn, context);
    if (typeof end === 'string') return { ...ASKED, expiresOn, errors: [{ field: 'expiresOn', message: end }] };
    return { ...ASKED, deed: { kind: 'shortening', until: end }, expiresOn };
  });
}

interface Asked {
  deed: Deed;
  /** The last day, as it was typed; null where it ends at once. */
  expiresOn: string | null;
  errors: readonly FieldError[];
}

const ASKED: Asked = { deed: { kind: 'shortening', until: null }, expiresOn: '', errors: [] };

/** First the preview, which nothing is done by; then, confirmed, the deed. */
async function change<T extends Sent>(req: Request, res: Response, form: Form<T>, read: (sent: T) => Asked) {
  const context = signedIn(req);
  await answerForm(req, res, {
    form,
    async act(sent) {
      const { ids, all, confirmed, seen, ...filters } = sent;
      if (ids.length === 0 && !all) throw Invalid.field('ids', 'Choose at least one credential.');
      const asked = read(sent);
      const found = await idsOf(context, { ids, all, filters });
      // All that a filter finds may be others by now: nobody has looked at those.
      const changed = confirmed && all && seen !== seenOf(found.ids);
      const isDone = confirmed && !changed && asked.errors.length === 0;
      const doing = isDone ? changeMany : planFor;
      return { asked, found, changed, isDone, plan: await doing(context, asked.deed, found.ids) };
    },
    again: (problem) => list(req, res, problem),
    async done({ asked, found, changed, isDone, plan }, { ids, all, ...rest }) {
      if (isDone) {
        const { text, kind } = doneInWords(asked.deed, plan, found.ids.length);
        setFlash(context.services, res, text, kind);
        res.redirect(303, PATH);
        return;
      }
      const hidden = all ? { all: '1', seen: seenOf(found.ids), ...filtersOf(rest) } : { ids };
      if (asked.errors.length > 0) res.status(422);
      await showPlan(res, context, { ...asked, plan, hidden, changed, more: found.more });
    },
  });
}

interface Shown extends Asked {
  plan: Plan;
  hidden: Record<string, string | string[]>;
  changed: boolean;
  more: boolean;
}

async function showPlan(
  res: Response,
  context: SignedInContext,
  { deed, plan, hidden, changed, more, expiresOn, errors }: Shown,
) {
  const { reached, leftOut } = plan;
  const ends = deed.kind === 'removal';
  const verb = ends ? 'Revoke' : 'Shorten';
  const owners = new Set(reached.map(({ owner }) => owner.id)).size;
  const mail =
    owners === 0 ? 'nobody gets a mail' : `${howMany(owners, 'owner')} ${owners === 1 ? 'gets' : 'get'} a mail`;
  const what = ends ? `Calls with ${reached.length === 1 ? 'it' : 'them'} fail at once` : 'Nothing ends at once';
  show(res, 'credentials/many', {
    title: ends ? 'Revoke credentials' : 'Shorten credentials',
    heading: `${verb} ${howMany(reached.length, 'credential')}?`,
    lead: `${what}, and ${mail}. ${ends ? 'It cannot be undone.' : 'What is shortened is not made longer again.'}`,
    to: `${PATH}/${deed.kind}`,
    ends,
    label: `${verb} ${howMany(reached.length, 'credential')}`,
    until: expiresOn === null ? null : { expiresOn, months: await mostMonths(context.tenant.id) },
    hidden,
    changed,
    more: more ? MOST : null,
    reached: reached.slice(0, NAMED).map(inWords),
    reachedCount: reached.length,
    leftOut: leftOut.slice(0, NAMED).map((one) => ({ ...inWords(one), because: BECAUSE[one.because] })),
    leftOutCount: leftOut.length,
    errors,
    values: { expiresOn },
  });
}

const KINDS = { token: null, key: 'API key', password: 'API password' } as const;

function inWords({ row, owner, expiresAt, endsAt }: Considered) {
  const { name } = row;
  const kind = row instanceof ApiCredential ? KINDS[row.kind] : null;
  return { name: kind ?? name, owner: { id: owner.id, name: owner.name, username: owner.username }, expiresAt, endsAt };
}

function doneInWords({ kind }: Deed, { reached, leftOut }: Plan, chosen: number) {
  const deed = kind === 'removal' ? 'been revoked' : 'been shortened';
  const count = reached.length;
  const done =
    count === 0
      ? 'Nothing was changed.'
      : count === 1
        ? `One credential has ${deed}.`
        : `${count} credentials have ${deed}.`;
  const ended = chosen - count - leftOut.length;
  const text = ended === 0 ? done : `${done} ${ended === 1 ? 'One was' : `${ended} were`} not there any more.`;
  const above = leftOut.filter(({ because }) => because === 'above').length;
  if (above === 0) return { text, kind: 'success' as const };
  const left = `${above} of people who may do more than you ${above === 1 ? 'was' : 'were'} left alone.`;
  return { text: `${text} ${left}`, kind: 'warning' as const };
}

function filtersOf(given: object): Record<string, string> {
  const { confirmed: _, seen: __, expiresOn: ___, ...filters } = given as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(filters).filter((one): one is [string, string] => typeof one[1] === 'string' && one[1] !== ''),
  );
}

// To the end of the day, where whoever asks is; or what is wrong with it.
function endOf(day: string, { user, now }: SignedInContext): number | string {
  const end = dayBegins(day, user.timeZone, 1) - 1;
  if (Number.isNaN(end)) return 'There is no such day. Enter one in the form 2027-12-31.';
  return end > now ? end : 'This day has passed. To end them at once, revoke them.';
}

import type { Request, Response } from 'express';
import type { SecurityPolicy } from '#policies/security-policy.js';
import { POLICY_FIELDS } from '#policies/settings.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { minuteIn } from '#server/lib/days.js';
import type { PolicyPreview } from './effects.js';
import { readScheduled } from './schedule.js';
import { startInWords, waitingInWords } from './waiting-page.js';
import { differencesInWords } from './words.js';
import { mustSetUpToo, mustShowPasskeyToo } from './you-too.js';

type Fields = readonly { field: string; value: string | number | boolean }[];

/** What becomes of a change that was looked at. */
interface Deed {
  /** Where its form is sent to, and what it sends. */
  to: string;
  fields: (after: SecurityPolicy) => Fields;
  label: string;
  back: { label: string; href: string };
}

/** What a change will do, before anything is saved; its button does it. */
export async function showPreview(req: Request, res: Response, found: PolicyPreview, deed: Deed): Promise<void> {
  const { before, after, startsAt, ...given } = found;
  const { differences, setUpBy, passkeysBy } = given;
  const context = signedIn(req);
  const { user, now } = context;
  const { timeZone } = user;
  const waiting = await readScheduled(context);
  show(res, 'security-policy/preview', {
    title: 'Review the change',
    ...given,
    starts: startsAt === null ? null : startInWords({ startsAt, timeZone }, context),
    startsAt: startsAt === null ? '' : minuteIn(startsAt, timeZone),
    timeZone: timeZone.replaceAll('_', ' '),
    waiting: waiting && waitingInWords(waiting, context),
    setUpAtOnce: setUpBy !== null && setUpBy <= (startsAt ?? now),
    youToo: mustSetUpToo(found, user),
    passkeysAtOnce: passkeysBy !== null && passkeysBy <= (startsAt ?? now),
    passkeyToo: mustShowPasskeyToo(found, context),
    differences: differencesInWords(differences),
    deed: { ...deed, fields: deed.fields(after) },
    shown: shownOf(before),
  });
}

/** What a form of this policy shows. */
export function shownOf(policy: SecurityPolicy): Record<string, unknown> {
  return Object.fromEntries(fieldsOfForm(policy).map(({ field, value }) => [field, value]));
}

/** All values of a policy, as its form would send them: a box that is off is not sent. */
export function fieldsOfForm(policy: SecurityPolicy): Fields {
  return POLICY_FIELDS.filter((field) => policy[field] !== false).map((field) => ({
    field,
    value: policy[field] === true ? 'on' : policy[field],
  }));
}

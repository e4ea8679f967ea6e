import type { Request, Response } from 'express';
import { hasSecondFactor } from '#policies/authentication.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import { POLICY_FIELDS } from '#policies/settings.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import type { PolicyPreview } from './effects.js';
import { differencesInWords } from './words.js';

/** What becomes of a change that was looked at. */
interface Deed {
  /** Where its form is sent to, and what it sends. */
  to: string;
  fields: readonly { field: string; value: string | number | boolean }[];
  label: string;
  back: { label: string; href: string };
}

/** What a change will do, before anything is saved; its button does it. */
export function showPreview(req: Request, res: Response, found: PolicyPreview, deed: Deed): void {
  const { after, ...given } = found;
  const { differences, setUpBy } = given;
  const { user, now } = signedIn(req);
  show(res, 'security-policy/preview', {
    title: 'Review the change',
    ...given,
    setUpAtOnce: setUpBy !== null && setUpBy <= now,
    youToo: setUpBy !== null && !hasSecondFactor(after, user),
    differences: differencesInWords(differences),
    deed,
  });
}

/** All values of a policy, as its form would send them: a box that is off is not sent. */
export function fieldsOfForm(policy: SecurityPolicy): Deed['fields'] {
  return POLICY_FIELDS.filter((field) => policy[field] !== false).map((field) => ({
    field,
    value: policy[field] === true ? 'on' : policy[field],
  }));
}

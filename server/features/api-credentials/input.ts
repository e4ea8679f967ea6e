import { address } from '#server/input/addresses.js';
import { TOKEN_NAME_MAX } from '#policies/credential.js';
import { PERMISSIONS } from '#policies/permissions.js';
import { choice, several } from '#server/input/choices.js';
import { id, optionalId } from '#server/input/ids.js';
import { asForm, asQuery, optional } from '#server/input/kind.js';
import { whole } from '#server/input/numbers.js';
import { line, lines, shaped } from '#server/input/text.js';
import type { Overlap } from './rotation.js';

export const newTokenForm = asForm({
  name: line('Enter a name that tells what the token is for.', TOKEN_NAME_MAX),
  months: whole(1, 12, 'Choose a number of months from 1 to 12.'),
  roleId: id('Choose one of your roles.'),
  scopes: several(PERMISSIONS.map(({ name }) => name)),
  /** What the page asks first; whoever sends no such field chooses by `scopes` alone, of which none are all. */
  rights: optional(choice(['all', 'chosen'], 'Choose everything, or only what you tick.')),
  allowedIps: lines(2000),
}).transform(({ rights, scopes, ...values }) => ({
  ...values,
  scopes: scopes.length === 0 && rights !== 'chosen' ? null : scopes,
}));

/** Of one's own credentials those that the check-up is about; without it all tokens. */
export const tokensQuery = asQuery({ show: optional(choice(['unused', 'ending'])) });

/** What a call to try is: from where, and which permission it needs; none is one about the owner. */
export const trialQuery = asQuery({
  ip: optional(address('Enter one IP address, such as 203.0.113.7.')),
  permission: optional(choice(PERMISSIONS.map(({ name }) => name))),
});

export const rotationForm = asForm({
  overlapHours: choice(['0', '1', '24'], 'Choose at once, 1 hour or 24 hours.'),
  /** The first characters of the secret that the page has shown. */
  replaces: optional(shaped(/^[\w-]{1,60}…$/, 'Reload the page and try again.')),
}).transform(({ overlapHours, replaces }) => ({ overlapHours: Number(overlapHours) as Overlap, replaces }));

/** Which one the page has shown, and so asked about; '' is none. */
export const generatingForm = asForm({ replaces: optional(optionalId()) });

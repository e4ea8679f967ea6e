import type { z } from 'zod';
import { NAME_MAX } from '#policies/names.js';
import { box } from '#server/input/choices.js';
import { fileOrNone } from '#server/input/files.js';
import { idOrNone } from '#server/input/ids.js';
import { asChanges, asForm, described, optional } from '#server/input/kind.js';
import { brandColour, locale, timeZone } from '#server/input/names.js';
import { whole } from '#server/input/numbers.js';
import { changedFrom, shownIn } from '#server/input/read.js';
import { shown } from '#server/input/shown.js';
import { line, lines } from '#server/input/text.js';

const name = line('Enter the name of the organisation.', NAME_MAX);
const colour = described(
  brandColour(),
  'One of the names, or any other such as #0f766e on which white words can be read.',
);
const logo = described(
  fileOrNone('Choose the file of the logo again: it is not kept while you confirm that it is you.'),
  'A picture, PNG or WebP, of at most 64 kB, in Base64; null: none.',
);
const signInMessage = described(lines(1000), 'Plain text, for everybody who comes to sign in.');
const defaultRoleId = described(idOrNone(), 'What a new user gets unless another role is chosen; null: the role User.');
const defaultLocale = locale();
const defaultTimeZone = timeZone();
const defaultMustChangePassword = box();
const defaultMustSetUpTwoFactor = box();
const accountRemovalDays = described(
  whole(0, 90),
  'For how many days somebody who deletes their own account can take that back; 0: it goes at once.',
);

/** What a form does not send, or sends as it showed it, stays as it is; but of who is new, a box that is not sent with the rest of its part is off. */
const typedOrganisation = asForm({
  name: optional(name),
  colour: optional(colour),
  logo: optional(logo),
  removeLogo: optional(box()),
  signInMessage: optional(signInMessage),
  defaultRoleId: optional(defaultRoleId),
  defaultLocale: optional(defaultLocale),
  defaultTimeZone: optional(defaultTimeZone),
  defaultMustChangePassword: optional(defaultMustChangePassword),
  defaultMustSetUpTwoFactor: optional(defaultMustSetUpTwoFactor),
  accountRemovalDays: optional(accountRemovalDays),
  _shown: shown(),
});

export const organisationForm = typedOrganisation.transform(({ _shown, logo, removeLogo, ...typed }) => {
  const was = _shown ? settingsIn(shownIn(typedOrganisation, _shown)) : {};
  const changes = changedFrom(was, settingsIn(typed));
  return { ...changes, seen: _shown, logo: logo ?? (removeLogo === true ? null : undefined) };
});

function settingsIn<T extends Partial<z.infer<typeof typedOrganisation>>>(typed: T) {
  const part = typed.defaultRoleId ?? typed.defaultLocale ?? typed.defaultTimeZone;
  const boxes = { defaultMustChangePassword: false, defaultMustSetUpTwoFactor: false };
  const sent = Object.entries(typed).filter(([, value]) => value !== undefined);
  return { ...(part === undefined ? {} : boxes), ...(Object.fromEntries(sent) as T) };
}

export const organisationChanges = asChanges({
  name,
  colour,
  logo,
  signInMessage,
  defaultRoleId,
  defaultLocale,
  defaultTimeZone,
  defaultMustChangePassword,
  defaultMustSetUpTwoFactor,
  accountRemovalDays,
});

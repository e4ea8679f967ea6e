import type { z } from 'zod';
import { TWO_FACTOR_STATES, USER_KINDS, USER_STATES } from '#policies/enumerations.js';
import { NAME_MAX } from '#policies/names.js';
import { PERMISSIONS } from '#policies/permissions.js';
import { box, checkbox, choice, exactly, filter } from '#server/input/choices.js';
import { id, ids, optionalId } from '#server/input/ids.js';
import { asChanges, asFilters, asForm, asBody, asQuery, described, optional, otherwise } from '#server/input/kind.js';
import { emailOrNone, username } from '#server/input/names.js';
import { whole } from '#server/input/numbers.js';
import { shown } from '#server/input/shown.js';
import { line, optionalLine, optionalSecret } from '#server/input/text.js';
import { PASS_MINUTES } from '#policies/access-pass.js';
import { SORTS } from './order.js';

const called = {
  username: username(),
  name: line('Enter the name.', NAME_MAX),
  email: described(emailOrNone(), 'Every person has one; a service account may have none, and it is empty then.'),
  roleIds: ids('Choose roles of the list.'),
};
const mustSetUpTwoFactor = checkbox();
const kind = otherwise(
  described(choice(USER_KINDS), 'A service account is for programs: it has no password and signs in nowhere.'),
  'person',
);
// Its page asks for the name first.
const { name, ...others } = called;
const newUser = {
  kind,
  ...called,
  roleIds: described(optional(called.roleIds), 'Left out: the role that the organisation gives whoever is new.'),
  mustSetUpTwoFactor: described(optional(box()), 'Left out: as the organisation has it for whoever is new.'),
};
const status = choice(['active', 'disabled']);

export const createForm = withAddress(
  asForm({
    name,
    ...others,
    kind,
    mustSetUpTwoFactor,
    onboarding: otherwise(choice(['invite', 'password']), 'invite'),
    // Its rules are `checkPassword()`'s to tell, and an empty one is only wrong for who gets a password.
    password: optionalSecret(),
    mustChangePassword: checkbox(),
  }),
);
export const newUserBody = withAddress(asBody(newUser));
export const newQuery = asQuery({ kind });

export const editForm = asForm({
  name,
  ...others,
  mustSetUpTwoFactor,
  /** Counts for who may mark it; see `changeUserAndFactor`. */
  breakGlass: checkbox(),
  status: optional(status),
  /** Ticked, it marks the password outdated; once it is, the box is not sent. */
  mustChangePassword: checkbox(),
  /** Cleared and saved, it disables two-factor authentication; the reason is then asked for. */
  twoFactorActive: checkbox(),
  reason: optionalLine(300),
  _shown: shown(),
});
export const userChanges = asChanges({
  ...called,
  status,
  mustSetUpTwoFactor,
  breakGlass: described(checkbox(), 'Only owners set it, of somebody else who has a passkey; two at most.'),
});

const reason = line('Say why: it goes into the security log.', 300);
/** What goes with a factor that is taken away: a pass for so long, or '' for a mailed link. */
export const takingForm = asForm({
  reason,
  passMinutes: otherwise(choice(['', '60', '1440']), ''),
  replaces: seenPass(),
});

/** The access pass that the page has shown; '' is none. */
function seenPass() {
  return optional(optionalId());
}

/** The minutes of the pass that was chosen; null for the link. */
export function minutesOf(passMinutes: string): number | null {
  return passMinutes === '' ? null : Number(passMinutes);
}

export const accessPassForm = asForm({
  reason,
  replaces: seenPass(),
  minutes: whole(PASS_MINUTES.least, PASS_MINUTES.most, 'Choose how long it works, from 10 minutes to a day.'),
});
const told = described(line('', 500), 'Why: it goes into the security log, and its owner is told.');
export const resetBody = asBody({ state: exactly('pending'), reason: told });
export const disablingBody = asBody({ reason: told });

/** The reason is asked for where a lock of codes opens with it. */
export const unlockForm = asForm({ reason: optionalLine(300) });
export const unlockBody = asBody({ reason: optional(line('', 300)) });

export const sessionsForm = asForm({ sessionId: optional(id('There is no such session.')) });

export const removalForm = asForm({ username: line('Type the username to confirm.', 200) });

export const freeNameForm = asForm({ username: line('Enter the username.', 200) });

const filters = {
  q: described(optionalLine(100), 'Words of the name, the username or the e-mail address.'),
  kind: optional(choice(USER_KINDS)),
  status: optional(choice(USER_STATES)),
  roleId: optional(id()),
  twoFactor: optional(choice(TWO_FACTOR_STATES)),
  passkey: described(optional(choice(['yes', 'no'] as const)), 'Only those who have a passkey, or have none.'),
  secondFactor: described(
    optional(choice(['yes', 'no'] as const)),
    'Only those who have a second factor, of whatever kind that counts, or have none.',
  ),
  breakGlass: described(optional(choice(['yes', 'no'] as const)), 'Only break-glass accounts, or only others.'),
  lacksPasskey: described(filter(), 'Only people of whom a passkey is demanded, and who have none, or not enough.'),
  administrators: described(filter(), 'Only those who may do something to others.'),
  locked: described(filter(), 'Only those locked after failed sign-ins.'),
  stale: described(filter(), 'Only people who could sign in and have not for 90 days.'),
  lapsed: described(filter(), 'Only those invited who can no longer accept.'),
  sort: described(otherwise(choice(SORTS), 'name'), 'With a dash in front from the end to the beginning.'),
};

export const userQuery = asQuery({
  ...filters,
  page: otherwise(whole(1, 1_000_000), 1),
  after: optional(id()),
  before: optional(id()),
});
export const userFilters = asFilters(filters);

const why = {
  permission: described(optional(choice(PERMISSIONS.map(({ name }) => name))), 'Of all there are, this one.'),
};
export const whyQuery = asQuery(why);
export const whyFilters = asFilters(why);

// Said with all else that is wrong; the action says it again, whatever the door.
function withAddress<One extends z.ZodObject>(schema: One): One {
  return schema.refine(({ kind, email }) => kind === 'service' || email !== '', {
    path: ['email'],
    error: 'Enter an e-mail address.',
    when: ({ value }) => typeof value === 'object' && value !== null,
  });
}

import { z } from 'zod';
import { checkbox, choice, email, idField, ids, line, optionalLine, username, whole } from '#server/http/fields.js';
import { SORTS } from './order.js';

const account = {
  name: line('Enter the name.', 100),
  username: username(),
  email: email(),
  roleIds: ids('Choose roles of the list.'),
  mustSetUpTwoFactor: checkbox(),
};

export const createForm = z.strictObject({
  ...account,
  kind: choice(['person', 'service']).default('person'),
  onboarding: choice(['invite', 'password']).default('invite'),
  // Its rules are `checkPassword()`'s to tell, and an empty one is only wrong for who gets a password.
  password: z.string({ error: 'Enter one password.' }).max(4096, { error: 'Use at most 128 characters.' }).default(''),
  mustChangePassword: checkbox(),
});

export const editForm = z.strictObject({
  ...account,
  status: choice(['active', 'disabled']).optional(),
  /** Ticked, it marks the password outdated; once it is, the box is not sent. */
  mustChangePassword: checkbox(),
  /** Cleared and saved, it disables two-factor authentication; the reason is then asked for. */
  twoFactorActive: checkbox(),
  reason: optionalLine(300),
});

export const reasonForm = z.strictObject({ reason: line('Say why: it goes into the security log.', 300) });

/** The reason is asked for where a lock of codes opens with it. */
export const unlockForm = z.strictObject({ reason: optionalLine(300) });

export const sessionsForm = z.strictObject({ sessionId: idField('There is no such session.').optional() });

export const removalForm = z.strictObject({ username: line('Type the username to confirm.', 200) });

export const freeNameForm = z.strictObject({ username: line('Enter the username.', 200) });

export const nothingForm = z.strictObject({});

const yes = z.literal('yes').optional();

export const listQuery = z.object({
  q: optionalLine(100),
  status: choice(['invited', 'active', 'disabled']).optional(),
  roleId: idField('').optional(),
  twoFactor: choice(['disabled', 'pending', 'active']).optional(),
  locked: yes,
  stale: yes,
  sort: choice(SORTS).default('name'),
  page: whole(1, 1_000_000).default(1),
  after: idField('').optional(),
  before: idField('').optional(),
});

export const newQuery = z.object({ kind: choice(['person', 'service']).default('person') });

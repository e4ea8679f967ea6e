import { APPROVAL_MAILS } from './approval-events.js';
import { ACCOUNT_MAILS } from './account-events.js';
import { BREAK_GLASS_MAILS } from './break-glass-events.js';
import { CREDENTIAL_MAILS } from './credential-events.js';
import { FACTOR_MAILS } from './factor-events.js';
import { LOG_MAILS } from './log-events.js';
import { POLICY_MAILS } from './policy-events.js';
import { SIGN_IN_MAILS } from './sign-in-events.js';
import type { OnlyFor } from './still-due.js';
import { disavowal, newEmail, report, suspended, validFor, type MailVariable } from './variables.js';

interface MailEventDescription {
  readonly label: string;
  readonly description: string;
  /** Tells of nothing that somebody could have done to an account: an organisation may do without it. */
  readonly silenceable?: true;
  /** Goes to somebody because of what they may do, and not if they no longer may when it is delivered. */
  readonly onlyFor?: OnlyFor;
  /** Beside the common ones. */
  readonly variables: Readonly<Record<string, MailVariable>>;
}

/** Every mail that Gatehouse sends. The catalogue is closed, and no variable is ever a password. */
export const MAIL_EVENTS = {
  invitation: {
    label: 'Invitation',
    description: 'To somebody who has been given an account: the link to set a first password.',
    variables: {
      invitationLink: { description: 'Link to set the first password', sample: '/invitations/sample' },
      by: { description: 'Who invites', sample: 'Adam Arslan' },
      shortName: { description: 'What to enter as organisation when signing in', sample: 'acme' },
      validFor: validFor('7 days'),
    },
  },
  'invitation-expired': {
    label: 'Somebody asks for an expired invitation',
    silenceable: true,
    onlyFor: 'users:write',
    description: 'To administrators, when a link is asked for an account whose invitation has expired.',
    variables: {
      account: { description: 'Name and username of the account', sample: 'Iris Ito (iris)' },
      accountLink: { description: 'Address of the account', sample: '/admin/users/sample' },
    },
  },
  'password-reset': {
    label: 'Password reset',
    description: 'To the owner of an account: the link to set a new password.',
    variables: {
      resetLink: { description: 'Link to set a new password', sample: '/password/reset/sample' },
      validFor: validFor('30 minutes'),
    },
  },
  'password-changed': {
    label: 'Password changed',
    description: 'To the owner of an account, after the password was changed or set anew.',
    variables: disavowal,
  },
  'password-reset-done': {
    label: 'Password set anew',
    description: 'To the owner of an account, after a new password was set with a mailed link.',
    variables: {
      evicted: { description: 'Credentials and keys that were revoked or suspended with it', sample: 'the API key' },
      ...disavowal,
    },
  },
  'email-change-confirm': {
    label: 'Confirm a new e-mail address',
    description: 'To the new address, which counts only after this link was opened.',
    variables: {
      confirmLink: { description: 'Link to confirm the new address', sample: '/email/confirm/sample' },
      validFor: validFor('1 day'),
    },
  },
  'email-change-notice': {
    label: 'E-mail change asked for',
    description: 'To the old address, when a new one was entered.',
    variables: { newEmail, ...disavowal },
  },
  'email-changed': {
    label: 'E-mail address changed',
    description: 'To the old address, after the new one was confirmed.',
    variables: { newEmail, ...disavowal },
  },
  'username-changed': {
    label: 'Username changed',
    description: 'To the owner of an account, after an administrator gave it another username.',
    variables: { formerUsername: { description: 'The username before', sample: 'uma' }, ...disavowal },
  },
  'account-locked': {
    label: 'Account locked',
    description: 'To the owner of an account that was locked after failed sign-ins.',
    variables: { lockedFor: { description: 'How long the account is locked', sample: '5 minutes' } },
  },
  'account-shut': {
    label: 'Account shut to new browsers',
    description: 'To the owner of an account, after a hundred wrong passwords in a row.',
    variables: {},
  },
  'step-up-locked': {
    label: 'Wrong passwords while signed in',
    description: 'To the owner of an account, after too many wrong passwords in a browser that is signed in.',
    variables: { lockedFor: { description: 'How long no password is taken', sample: '5 minutes' }, ...disavowal },
  },
  ...FACTOR_MAILS,
  ...POLICY_MAILS,
  'credential-added': {
    label: 'Credential added',
    description:
      'To the owner of an account, after an API token, an API key, an API password or an SSH key was added, or got a new secret.',
    variables: {
      what: { description: 'What kind of thing it is', sample: 'API token' },
      credential: { description: 'Which it is', sample: 'The API token “Nightly backup”' },
      ...disavowal,
    },
  },
  ...CREDENTIAL_MAILS,
  ...APPROVAL_MAILS,
  'key-rotated': {
    label: 'Secret key rotated',
    onlyFor: 'users:write',
    description: 'To the operators, when another secret key is current.',
    variables: { key: { description: 'The id of the key that is current now', sample: 'k2' } },
  },
  ...SIGN_IN_MAILS,
  ...BREAK_GLASS_MAILS,
  ...ACCOUNT_MAILS,
  ...LOG_MAILS,
  'account-secured': {
    label: 'Account secured',
    description: 'To the owner of an account, after "This wasn\'t me": what was done, and how to go on.',
    variables: { suspended },
  },
  'account-held': {
    label: 'Account secured, link held back',
    description:
      'The same, where the e-mail address was changed lately and an administrator has to send the link. To every known address.',
    variables: { suspended },
  },
  'account-secured-report': {
    label: 'Somebody said "This wasn\'t me"',
    onlyFor: 'users:write',
    description: 'To every administrator, after the owner of an account has disavowed a sign-in or a change.',
    variables: report,
  },
  'account-held-report': {
    label: 'Somebody said "This wasn\'t me", and needs you',
    onlyFor: 'users:write',
    description:
      'The same, where the e-mail address was changed lately and an administrator has to send the link for a new password.',
    variables: report,
  },
} as const satisfies Record<string, MailEventDescription>;

export type MailEvent = keyof typeof MAIL_EVENTS;

/** What who queues a mail of this event must give. */
export type OwnVariables<E extends MailEvent> = Readonly<Record<keyof (typeof MAIL_EVENTS)[E]['variables'], string>>;

export function isMailEvent(name: string): name is MailEvent {
  return Object.hasOwn(MAIL_EVENTS, name);
}

/** Whether an organisation may have this mail not sent. */
export function maySilence(event: MailEvent): boolean {
  return (MAIL_EVENTS[event] as MailEventDescription).silenceable === true;
}

/** Whom alone a mail of this event is for, when it is delivered; null: its recipient. */
export function onlyForOf(event: MailEvent): OnlyFor | null {
  return (MAIL_EVENTS[event] as MailEventDescription).onlyFor ?? null;
}

/** The variables that this event has beside the common ones. */
export function ownVariables(event: MailEvent): Readonly<Record<string, MailVariable>> {
  return MAIL_EVENTS[event].variables;
}

import type { Level } from '#policies/enumerations.js';
import { DAY } from '#server/lib/clock.js';
import { APPROVAL_EVENTS } from './approval-events.js';
import { PASSKEY_EVENTS } from './passkey-events.js';
import { POLICY_EVENTS } from './policy-events.js';

/** What is known of a kind of event. */
interface EventNature {
  level: Level;
  /** What it says to people. */
  label: string;
  /** Several of them, after their number: "users created". Without it: how often. */
  many?: string;
  /** A sign-in or a change, which the owner of the account can say they have not made. */
  disavowable?: true;
  /** Could be what somebody did to stay in, or to keep the owner out: administrators are told of it. */
  telling?: true;
}

/** How long after it happened something can be disavowed in the portal. */
export const DISAVOWABLE_FOR = 90 * DAY;

/** Every event that the security log can hold. The catalogue is closed, and each row says all that is special about it. */
export const EVENTS = {
  'setup.completed': { level: 'high', label: 'First set-up completed' },
  'key.rotated': { level: 'high', label: 'Secret key rotated' },
  'backup.made': { level: 'middle', label: 'Backup made' },
  'database.copied': { level: 'high', label: 'Database copied to PostgreSQL' },
  'backup.restored': { level: 'high', label: 'Restored from a backup' },
  'checkup.postponed': { level: 'low', label: 'Advice of the check-up put off' },
  'sign-in.succeeded': { level: 'low', label: 'Signed in', disavowable: true },
  'sign-in.failed': { level: 'low', label: 'Sign-in failed' },
  'sign-in.password-accepted': { level: 'middle', label: 'Right password, code asked for', disavowable: true },
  'sign-in.outside': {
    level: 'high',
    label: 'Right password or passkey from an address that is not allowed',
    disavowable: true,
  },
  'access.refused': { level: 'middle', label: 'Refused' },
  'access.throttled': { level: 'middle', label: 'Refused for asking too often' },
  'sign-out': { level: 'low', label: 'Signed out' },
  'account.locked': {
    level: 'middle',
    label: 'Account locked after failed sign-ins',
    many: 'accounts locked after failed sign-ins',
  },
  'account.shut': { level: 'high', label: 'Account shut to new browsers after 100 wrong passwords' },
  'account.unlocked': { level: 'middle', label: 'Account unlocked', many: 'accounts unlocked' },
  'activity.disavowed': { level: 'high', label: "Reported: this wasn't me" },
  'account.deleted': { level: 'high', label: 'Account deleted by its owner' },
  'account.exported': { level: 'middle', label: 'Own data downloaded', disavowable: true },
  'account.removal-asked': { level: 'high', label: 'Own account to be deleted', disavowable: true, telling: true },
  'account.removal-withdrawn': { level: 'middle', label: 'Removal of the own account taken back', disavowable: true },
  'account.removal-refused': { level: 'high', label: 'Removal refused: nobody else could look after the organisation' },
  'session.ended': { level: 'low', label: 'Session ended' },
  'sessions.ended': { level: 'middle', label: 'Sessions ended' },
  'password.changed': { level: 'middle', label: 'Password changed', disavowable: true, telling: true },
  'password.reset-requested': { level: 'low', label: 'Password reset link sent' },
  'password.reset': { level: 'middle', label: 'Password set anew with a reset link', disavowable: true, telling: true },
  'password.assigned': { level: 'high', label: 'Password set from the command line' },
  'password.marked-outdated': { level: 'middle', label: 'Password marked outdated' },
  'step-up.failed': { level: 'middle', label: 'Confirmation failed: wrong password' },
  'step-up.locked': { level: 'high', label: 'Confirmation locked after wrong passwords', disavowable: true },
  'two-factor.setup-started': { level: 'middle', label: 'Two-factor set-up begun', disavowable: true },
  'two-factor.setup-cancelled': { level: 'middle', label: 'Two-factor set-up cancelled', disavowable: true },
  'two-factor.enabled': { level: 'high', label: 'Two-factor authentication enabled', disavowable: true, telling: true },
  'two-factor.disabled': {
    level: 'high',
    label: 'Two-factor authentication disabled',
    disavowable: true,
    telling: true,
  },
  'two-factor.reset': { level: 'high', label: 'Two-factor secret reset', disavowable: true, telling: true },
  'two-factor.put-back': { level: 'high', label: 'Second factor put back by its owner' },
  'two-factor.link-sent': { level: 'middle', label: 'Link to set up a second factor sent' },
  // Whoever is asked for a code has entered the password.
  'two-factor.failed': { level: 'middle', label: 'Wrong code', disavowable: true },
  'two-factor.unlocked': { level: 'high', label: 'Lock of codes opened' },
  'two-factor.locked': { level: 'middle', label: 'Codes locked after wrong codes', disavowable: true },
  ...PASSKEY_EVENTS,
  'recovery-codes.renewed': { level: 'middle', label: 'New recovery codes made', disavowable: true, telling: true },
  'recovery-code.used': { level: 'middle', label: 'Recovery code used', disavowable: true },
  'recovery-code.reused': { level: 'high', label: 'A used recovery code was tried' },
  'browser.remembered': { level: 'middle', label: 'Browser remembered for the second factor', disavowable: true },
  'browser.forgotten': { level: 'low', label: 'Remembered browser removed' },
  'api-token.created': {
    level: 'middle',
    label: 'API token created',
    many: 'API tokens created',
    disavowable: true,
    telling: true,
  },
  'api-token.rotated': { level: 'middle', label: 'API token rotated', disavowable: true, telling: true },
  'api-key.generated': { level: 'middle', label: 'API key generated', disavowable: true, telling: true },
  'api-password.generated': { level: 'middle', label: 'API password generated', disavowable: true, telling: true },
  'api-credential.revoked': { level: 'middle', label: 'API credential revoked', many: 'API credentials revoked' },
  'api-credential.shortened': { level: 'middle', label: 'API credential cut short', many: 'API credentials cut short' },
  'api-credentials.exported': { level: 'high', label: 'Credentials exported' },
  'api-credentials.revoked': { level: 'high', label: 'All API credentials of a user revoked' },
  'api-credential.leaked': { level: 'high', label: 'API credential reported as leaked, and revoked' },
  'api-credential.refused': { level: 'high', label: 'Right API credential refused' },
  ...APPROVAL_EVENTS,
  'api-credential.new-address': { level: 'middle', label: 'API credential used from a new address', disavowable: true },
  'ssh-key.added': { level: 'middle', label: 'SSH key added', disavowable: true, telling: true },
  'ssh-key.restored': { level: 'middle', label: 'Suspended SSH key put back', disavowable: true, telling: true },
  'ssh-key.shortened': { level: 'middle', label: 'SSH key cut short' },
  'ssh-key.removed': { level: 'middle', label: 'SSH key removed' },
  'invitation.sent': { level: 'low', label: 'Invitation sent' },
  'invitation.accepted': { level: 'middle', label: 'Invitation accepted', many: 'invitations accepted' },
  'email.change-requested': { level: 'middle', label: 'E-mail change asked for', disavowable: true },
  'email.change-cancelled': { level: 'low', label: 'E-mail change cancelled' },
  'email.changed': { level: 'high', label: 'E-mail address changed', disavowable: true },
  'profile.changed': { level: 'low', label: 'Profile changed', disavowable: true },
  'user.created': { level: 'middle', label: 'User created', many: 'users created' },
  'user.changed': { level: 'middle', label: 'User changed', many: 'users changed' },
  'user.renamed': { level: 'high', label: 'Username changed', disavowable: true, telling: true },
  'username.freed': { level: 'high', label: 'Former username freed' },
  'user.roles-changed': { level: 'high', label: 'Roles of a user changed' },
  'user.enabled': { level: 'middle', label: 'User enabled', many: 'users enabled' },
  'user.disabled': { level: 'high', label: 'User disabled', many: 'users disabled' },
  'user.deleted': { level: 'high', label: 'User deleted', many: 'users deleted' },
  'user-job.begun': { level: 'high', label: 'Change of many users begun' },
  'user-job.cancelled': { level: 'middle', label: 'Change of many users cancelled' },
  'user-job.stopped': { level: 'high', label: 'Change of many users stopped' },
  'user-job.done': { level: 'middle', label: 'Change of many users done' },
  'users.exported': { level: 'high', label: 'Users exported' },
  'role.created': { level: 'high', label: 'Role created', many: 'roles created' },
  'role.changed': { level: 'high', label: 'Role changed', many: 'roles changed' },
  'role.removed': { level: 'high', label: 'Role removed', many: 'roles removed' },
  ...POLICY_EVENTS,
  'tenant.created': { level: 'high', label: 'Organisation created' },
  'tenant.changed': { level: 'middle', label: 'Organisation changed' },
  'tenant.suspended': { level: 'high', label: 'Organisation suspended' },
  'tenant.resumed': { level: 'high', label: 'Organisation resumed' },
  'tenant.exported': { level: 'high', label: 'Organisation exported' },
  'tenant.removed': { level: 'high', label: 'Organisation removed' },
  'log.exported': { level: 'high', label: 'Security log exported' },
  'log.checkpoint-made': { level: 'low', label: 'Checkpoint of the log made' },
  'log.checkpoint-exported': { level: 'middle', label: 'Checkpoint of the log exported' },
  'log.checkpoint-mails': { level: 'low', label: 'Checkpoints by mail begun or ended' },
  'log.archived': { level: 'high', label: 'Rows of the log archived' },
  'log.verification-begun': { level: 'low', label: 'Verification of the log begun' },
  'notification.changed': { level: 'middle', label: 'Wording of a mail changed' },
  'notification.tested': { level: 'low', label: 'Sample of a mail sent' },
  'mail.retried': { level: 'low', label: 'Mail tried again' },
  'log.verified': { level: 'middle', label: 'Security log verified' },
  'log.broken': { level: 'high', label: 'Security log found broken' },
  'demo.event': { level: 'low', label: 'Demonstration event' },
} as const satisfies Record<string, EventNature>;

export type EventName = keyof typeof EVENTS;

export const EVENT_NAMES = Object.keys(EVENTS) as [EventName, ...EventName[]];

export function isEventName(text: string): text is EventName {
  return Object.hasOwn(EVENTS, text);
}

/** What so many of them say to people: "User created", "7 users created", "Password changed, 3 times". */
export function countedLabel(event: EventName, count: number): string {
  const { label, many }: EventNature = EVENTS[event];
  if (count === 1) return label;
  return many === undefined ? `${label}, ${count} times` : `${count} ${many}`;
}

/** True for sign-ins and changes, which an owner can say they have not made. */
export function isDisavowable(event: string): event is EventName {
  return isEventName(event) && (EVENTS[event] as EventNature).disavowable === true;
}

/** The events that tell what somebody did to stay in. */
export const TELLING: readonly EventName[] = EVENT_NAMES.filter(
  (event) => (EVENTS[event] as EventNature).telling === true,
);

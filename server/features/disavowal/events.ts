import type { EventName } from '#server/trace/events.js';
import { DAY } from '#server/lib/clock.js';

/** How long after it happened something can be disavowed in the portal. */
export const DISAVOWABLE_FOR = 90 * DAY;

const DISAVOWABLE: ReadonlySet<string> = new Set<EventName>([
  'sign-in.succeeded',
  'password.changed',
  'password.reset',
  'email.change-requested',
  'email.changed',
  'two-factor.setup-started',
  'two-factor.setup-cancelled',
  'two-factor.enabled',
  'two-factor.disabled',
  'two-factor.reset',
  'step-up.locked',
  // Whoever is asked for a code has entered the password.
  'two-factor.failed',
  'two-factor.locked',
  'recovery-code.used',
  'recovery-codes.renewed',
  'browser.remembered',
  'api-token.created',
  'api-token.rotated',
  'api-key.generated',
  'api-password.generated',
  'ssh-key.added',
  'profile.changed',
]);

/** True for sign-ins and changes, which an owner can say they have not made. */
export function isDisavowable(event: string): event is EventName {
  return DISAVOWABLE.has(event);
}

import { passwordExpiresAt } from '#policies/password-age.js';
import { concernsOthers } from '#policies/permissions.js';
import type { UserContext } from '#server/context.js';
import { hasSecondFactor } from '#server/identity/factor-kind.js';
import { FEW_LEFT } from '#server/identity/recovery-codes.js';
import { DAY } from '#server/lib/clock.js';
import { SOON, type Found } from './finding.js';
import type { Facts } from './rows.js';

const ADD_PASSKEY = { label: 'Add a passkey', href: '/security/passkeys/new' };

/** Whoever looks after others, and of whom it is demanded, does it now. */
export function secondFactor(
  { user, policy, secondFactor: { demanded, phishingResistant }, actor }: UserContext,
  facts: Facts,
): Found | undefined {
  if (hasSecondFactor(policy, user) || facts.number('service') !== null) return undefined;
  if (policy.twoFactor === 'off' && !demanded) return undefined;
  const powerful = [...actor.permissions].some(concernsOthers);
  const begun = user.twoFactor === 'pending';
  return {
    item: 'no-second-factor',
    urgency: demanded || powerful ? 'now' : 'todo',
    heading: begun ? 'Two-factor authentication is not finished' : 'You have no second factor',
    text: powerful
      ? 'You look after the accounts of others: whoever learns your password has theirs as well.'
      : 'Whoever learns your password is in. With a passkey, or a code from your phone, they are not.',
    count: null,
    who: [],
    // Where an app is not enough, nobody is sent to set one up first.
    step: phishingResistant
      ? ADD_PASSKEY
      : { label: begun ? 'Finish the set-up' : 'Set up two-factor authentication', href: '/security/two-factor' },
  };
}

/** A role demands a passkey, or the organisation has nothing else; an app is none. */
export function passkey({ user, policy, secondFactor }: UserContext): Found | undefined {
  // Of who has no factor at all that is said already.
  if (!secondFactor.phishingResistant || user.factors.includes('passkey') || !hasSecondFactor(policy, user))
    return undefined;
  return {
    item: 'no-passkey',
    urgency: 'now',
    heading:
      secondFactor.password === 'all' ? 'One of your roles demands a passkey' : 'Your organisation demands a passkey',
    text: 'A code can be typed into a false page; a passkey cannot be used there. Soon a code alone leads nowhere else.',
    count: null,
    who: [],
    step: ADD_PASSKEY,
  };
}

/** Few codes, or none. */
export function recoveryCodes({ user, policy }: UserContext, facts: Facts): Found | undefined {
  const left = facts.number('codes') ?? 0;
  if (!hasSecondFactor(policy, user) || left > FEW_LEFT) return undefined;
  return {
    item: 'few-recovery-codes',
    urgency: left === 0 ? 'now' : 'todo',
    heading:
      left === 0
        ? 'You have no recovery codes'
        : left === 1
          ? 'One recovery code is left'
          : `${left} recovery codes are left`,
    text: 'Without your phone or your passkey, a recovery code is the only way in.',
    count: left,
    who: [],
    // Not the page of the app: who has passkeys alone finds no codes there.
    step: { label: 'Make new recovery codes', href: '/security/recovery-codes' },
  };
}

/** One passkey, and nothing beside it. */
export function onePasskey({ user, policy }: UserContext, facts: Facts): Found | undefined {
  if (user.twoFactor === 'active' || !hasSecondFactor(policy, user) || facts.number('passkeys') !== 1) return undefined;
  return {
    item: 'one-passkey',
    urgency: 'todo',
    heading: 'You have one passkey, and no spare',
    text: 'When the device with it is lost, only recovery codes lead back in.',
    count: null,
    who: [],
    step: { label: 'Add another', href: '/security/passkeys/new' },
  };
}

/** An address that waits for its link to be opened. */
export function address(_context: UserContext, facts: Facts): Found | undefined {
  const [waiting] = facts.of('address');
  if (!waiting) return undefined;
  return {
    item: 'unconfirmed-address',
    urgency: 'todo',
    heading: `${waiting.name} is not confirmed yet`,
    text: 'The address counts once the link that was mailed there has been opened. Until then the old one does.',
    count: null,
    who: [],
    step: { label: 'Look at your profile', href: '/profile#pending-email' },
  };
}

/** A password that runs out. */
export function password({ user, policy, secondFactor, now }: UserContext): Found | undefined {
  // Of one that opens nothing it does not matter.
  if (secondFactor.password !== 'all') return undefined;
  const { passwordChangedAt: changed } = user;
  const ends = changed === null ? null : passwordExpiresAt(changed, policy);
  if (ends === null || ends - now > SOON) return undefined;
  return {
    item: 'password-ending',
    urgency: 'todo',
    heading: 'Your password must be changed soon',
    text: `It counts for ${daysText(ends - now)} more. After that, nothing else can be done before you change it.`,
    count: null,
    who: [],
    step: { label: 'Change your password', href: '/security?form=password#password' },
  };
}

function daysText(ms: number): string {
  const days = Math.max(1, Math.ceil(ms / DAY));
  return days === 1 ? 'a day' : `${days} days`;
}

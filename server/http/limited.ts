import { PART_OF, type Duty } from '#policies/duty.js';
import type { Context } from '#server/context.js';

/** Where somebody does what they must do first. */
export const DUTY_PATHS: Readonly<Record<Duty, string>> = {
  removal: '/account/removal/withdrawal',
  password: '/login/password',
  'two-factor': '/login/two-factor/setup',
  passkey: '/security/passkeys/new',
  pass: '/login/pass/setup',
};

/** Where a person in limited mode must go before anything else; null for everybody else. */
export function limitOf({ duty }: Pick<Context, 'duty'>): string | null {
  return duty === null ? null : DUTY_PATHS[duty];
}

/** Whether what binds this person lets them set up a second factor: they must, or a pass has let them in for that. */
export function setsUpFactor({ duty }: Pick<Context, 'duty'>): boolean {
  return duty !== null && PART_OF.app.includes(duty);
}

/** The same for a new password, where that opens anything. */
export function setsPassword({ duty, secondFactor }: Pick<Context, 'duty' | 'secondFactor'>): boolean {
  return duty === 'password' || (duty === 'pass' && secondFactor?.password === 'all');
}

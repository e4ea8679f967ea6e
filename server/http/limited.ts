import type { Duty } from '#policies/duty.js';
import type { Context } from '#server/context.js';

/** Where somebody does what they must do first. */
export const DUTY_PATHS: Readonly<Record<Duty, string>> = {
  removal: '/account/removal/withdrawal',
  password: '/login/password',
  'two-factor': '/login/two-factor/setup',
};

/** Where a person in limited mode must go before anything else; null for everybody else. */
export function limitOf({ duty }: Pick<Context, 'duty'>): string | null {
  return duty === null ? null : DUTY_PATHS[duty];
}

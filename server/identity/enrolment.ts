import { User } from '#models/user.js';
import { opensSetUpAlone, type Method } from '#policies/authentication.js';
import { Conflict } from '#server/errors.js';

/** Whether what was shown is not enough to set up the next factor: the password alone is not, a factor or a link beside it, or a pass, is. */
export function isHeld({ enrolmentHeld }: Pick<User, 'enrolmentHeld'>, methods: readonly Method[]): boolean {
  return enrolmentHeld && !opensSetUpAlone(methods) && !methods.includes('mfa');
}

/** Throws where it is not enough, and says what is. */
export function refuseHeld(user: Pick<User, 'enrolmentHeld'>, methods: readonly Method[]): void {
  if (isHeld(user, methods))
    throw new Conflict(
      'An administrator took your second factor away, so your password alone does not set up the next. Open the link if one was mailed to you, or ask an administrator for an access pass and enter it on the sign-in page.',
    );
}

/** Once a factor is there, it is what the next one is set up with. Inside a transaction. */
export async function release({ tenantId, id }: Pick<User, 'tenantId' | 'id'>): Promise<void> {
  await User.update({ enrolmentHeld: false }, { where: { tenantId, id, enrolmentHeld: true } });
}

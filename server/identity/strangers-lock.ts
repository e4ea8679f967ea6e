import type { Context } from '#server/context.js';
import { TooMany } from '#server/errors.js';
import { underLock } from './code.js';

/**
 * `underLock` where nobody is known yet: while it is locked, whatever is sent is refused as a wrong one is. What is said of a lock
 * would tell whose names meet in one counter, and so that there is an account, and something to guess.
 */
export async function underStrangersLock(
  context: Pick<Context, 'services'>,
  key: string,
  check: () => Promise<boolean>,
  refuse: (blockedUntil: number) => Promise<never>,
): Promise<void> {
  try {
    await underLock(context, key, check, refuse);
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    await refuse(0);
  }
}

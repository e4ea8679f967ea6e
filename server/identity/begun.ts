import { readInTransaction } from '#models/transaction.js';
import type { BegunInContext } from '#server/context.js';
import { AuthorityLost, Bound, Forbidden, Outside, Refusal } from '#server/errors.js';
import { admit, type Demand } from './admission.js';
import type { Standing } from './principal-row.js';

const ENDED = 'SELECT ended_at FROM sessions WHERE id = $1 AND ended_at IS NOT NULL';

/**
 * The standing of who began something in a browser and has gone since. No request brings a session any more, so it is the
 * account that must be what it was: active, not changed since, its session not ended by anybody else. Inside a write.
 */
export async function beginnerNow(
  beginner: Standing | null,
  { epoch, sessionId }: BegunInContext,
  demand: Demand,
): Promise<Standing> {
  if (!beginner)
    throw new AuthorityLost('Whoever began this is disabled or removed, or the organisation is suspended.');
  const ended = sessionId !== null && (await readInTransaction(ENDED, [sessionId])).length > 0;
  if (beginner.user.epoch !== epoch || ended)
    throw new AuthorityLost('The account that began this was changed since, or its sessions were ended.');
  const { user, tenant, policy, actor, secondFactor, duty, roleNames, breakGlass, exempt } = beginner;
  // It was begun on a page, where no address rule binds such an account.
  const outside = beginner.outside && !exempt;
  admit({ outside, duty, actor }, demand);
  return { user, tenant, policy, actor, secondFactor, duty, roleNames, breakGlass, exempt, outside };
}

/** Reads an authority for what was begun: where it is gone, the whole must stop, and not one part of it fail. */
export async function orLost<T>(demand: Demand, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Forbidden) throw new AuthorityLost(`Whoever began this no longer has ${demand}.`);
    if (error instanceof Outside)
      throw new AuthorityLost('It was begun from an address that is no longer allowed here.');
    if (error instanceof Bound)
      throw new AuthorityLost(
        'Whoever began this must first choose a new password or set up two-factor authentication.',
      );
    if (error instanceof Refusal && !(error instanceof AuthorityLost)) throw new AuthorityLost(error.message);
    throw error;
  }
}

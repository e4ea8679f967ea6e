import { randomUUID } from 'node:crypto';
import { QueryTypes } from 'sequelize';
import type { Services } from '#server/context.js';
import { MINUTE } from '#server/lib/clock.js';

// One statement, so that of any number of processes exactly one gets it. The comment in front keeps Sequelize from
// taking it for an INSERT of its own, for which it would read no rows on SQLite.
const TAKE = `/* take */
INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, CAST($3 AS BIGINT))
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
WHERE leases.expires_at <= CAST($4 AS BIGINT) OR leases.expires_at > CAST($5 AS BIGINT)
RETURNING holder`;
const GIVE_BACK = 'UPDATE leases SET expires_at = 0 WHERE name = $1 AND holder = $2';

/**
 * Does `work` unless another process, or an earlier call, is at it. The lease of a process that died is free after `ms`, also
 * one that it took while the clock was ahead; so is that of work that takes longer, which must bear being done twice. True when
 * the work was done.
 */
export async function withLease(
  services: Services,
  name: string,
  ms: number,
  work: () => Promise<unknown>,
): Promise<boolean> {
  const { sequelize } = services.database;
  const now = services.clock.now();
  const holder = `${process.pid}-${randomUUID()}`;
  const taken = await sequelize.query(TAKE, {
    bind: [name, holder, now + ms, now, now + ms + MINUTE],
    type: QueryTypes.SELECT,
    transaction: null,
  });
  if (taken.length === 0) return false;
  try {
    await work();
  } finally {
    await sequelize.query(GIVE_BACK, { bind: [name, holder], transaction: null });
  }
  return true;
}

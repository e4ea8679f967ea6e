import { QueryTypes } from 'sequelize';
import type { Database } from './database.js';

/** How many users there are of each kind and state, and how many hold each role. Triggers keep it beside them: no change can miss it. */

/** Of the organisation $1, as `status`, `kind`, `two_factor` and `found`. */
export const USERS_BY_STATE = `
SELECT status, kind, two_factor, SUM(people) AS found FROM user_counts WHERE tenant_id = $1 GROUP BY status, kind, two_factor`;

/** Of the organisation $1, as `role_id` and `holders`; of a role that nobody holds there may be no row. */
export const HOLDERS_BY_ROLE = `
SELECT role_id, SUM(people) AS holders FROM holder_counts WHERE tenant_id = $1 GROUP BY role_id`;

/** How many hold the role $2 of the organisation $1, as `found`. */
export const HOLDERS_OF_ROLE = `
SELECT COALESCE(SUM(people), 0) AS found FROM holder_counts WHERE tenant_id = $1 AND role_id = $2`;

/** What is kept, of the rows of which table, and by what it is told apart. */
const KEPT = [
  { counts: 'user_counts', of: 'users', key: 'tenant_id, status, kind, two_factor, has_passkey' },
  { counts: 'holder_counts', of: 'user_roles', key: 'tenant_id, role_id' },
] as const;

type Kept = (typeof KEPT)[number];

const countedOf = ({ of, key }: Kept): string => `SELECT ${key}, COUNT(*) AS people FROM ${of} GROUP BY ${key}`;

// One statement each, which sees one moment: what others change meanwhile comes with its own row, or waits.
const ANEW = {
  sqlite: (kept: Kept) => `INSERT OR REPLACE INTO ${kept.counts} (${kept.key}, people)
    SELECT ${kept.key}, SUM(people) FROM (${countedOf(kept)} UNION ALL SELECT ${kept.key}, 0 FROM ${kept.counts}) GROUP BY ${kept.key}`,
  postgres: (kept: Kept) =>
    `WITH gone AS (DELETE FROM ${kept.counts}) INSERT INTO ${kept.counts} (${kept.key}, people) ${countedOf(kept)}`,
};

/** Counts all of them, for one row of each kind: PostgreSQL has had one more for each change. By one process at a time. */
export async function countAnew({ sequelize, dialect }: Database): Promise<void> {
  for (const kept of KEPT) {
    await sequelize.query(ANEW[dialect](kept), { transaction: null });
    // What was deleted is passed by at each look until then, which after a change of everybody takes longer than to count them.
    if (dialect === 'postgres')
      await sequelize.query(`VACUUM (ANALYZE) ${kept.counts}`, { transaction: null }).catch(() => undefined);
  }
}

const wrongOf = (kept: Kept): string => `
SELECT 1 FROM (${countedOf(kept)} UNION ALL SELECT ${kept.key}, -people FROM ${kept.counts}) AS both_ways
GROUP BY ${kept.key} HAVING SUM(people) <> 0`;

/** Of how many kinds and roles, in all organisations, another number is kept than there are. */
export async function miscounted({ sequelize }: Database): Promise<number> {
  const sql = `SELECT COUNT(*) AS wrong FROM (${KEPT.map(wrongOf).join(' UNION ALL ')}) AS different`;
  const [row] = await sequelize.query<{ wrong: number }>(sql, { type: QueryTypes.SELECT });
  return Number(row?.wrong);
}

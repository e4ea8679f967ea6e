import { QueryTypes } from 'sequelize';
import type { Database } from './database.js';

/** How many users there are of each kind and state. Triggers keep it beside the users: no change of them can miss it. */

const KEY = 'tenant_id, status, kind, two_factor, has_passkey';

/** Of the organisation $1, as `status`, `kind`, `two_factor` and `found`. */
export const USERS_BY_STATE = `
SELECT status, kind, two_factor, SUM(people) AS found FROM user_counts WHERE tenant_id = $1 GROUP BY status, kind, two_factor`;

const COUNTED = `SELECT ${KEY}, COUNT(*) AS people FROM users GROUP BY ${KEY}`;

// One statement each, which sees one moment: what others change meanwhile comes with its own row, or waits.
const ANEW = {
  sqlite: `INSERT OR REPLACE INTO user_counts (${KEY}, people)
    SELECT ${KEY}, SUM(people) FROM (${COUNTED} UNION ALL SELECT ${KEY}, 0 FROM user_counts) GROUP BY ${KEY}`,
  postgres: `WITH gone AS (DELETE FROM user_counts) INSERT INTO user_counts (${KEY}, people) ${COUNTED}`,
};

/** Counts all users, for one row of each kind: PostgreSQL has had one more for each change. By one process at a time. */
export async function countAnew({ sequelize, dialect }: Database): Promise<void> {
  await sequelize.query(ANEW[dialect], { transaction: null });
  // What was deleted is passed by at each look until then, which after a change of everybody takes longer than to count them.
  if (dialect === 'postgres')
    await sequelize.query('VACUUM (ANALYZE) user_counts', { transaction: null }).catch(() => undefined);
}

const WRONG = `
SELECT COUNT(*) AS wrong FROM (
  SELECT 1 FROM (${COUNTED} UNION ALL SELECT ${KEY}, -people FROM user_counts) AS both_ways GROUP BY ${KEY} HAVING SUM(people) <> 0
) AS different`;

/** Of how many kinds, in all organisations, another number is kept than there are. */
export async function miscounted({ sequelize }: Database): Promise<number> {
  const [row] = await sequelize.query<{ wrong: number }>(WRONG, { type: QueryTypes.SELECT });
  return Number(row?.wrong);
}

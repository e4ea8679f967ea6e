import assert from 'node:assert/strict';
import { newId } from '#models/columns.js';
import { Tenant } from '#models/tenant.js';
import { inTransaction } from '#models/transaction.js';
import { countAnew, miscounted, USERS_BY_STATE } from '#models/user-counts.js';
import { User } from '#models/user.js';
import { purge } from '#server/jobs/purge.js';
import { startPortal, type Portal } from '../support/portal.js';

const STATES = ['active', 'invited', 'disabled'] as const;
const KINDS = ['person', 'service'] as const;
const FACTORS = ['disabled', 'pending', 'active'] as const;
const COUNTED =
  'SELECT status, kind, two_factor, COUNT(*) AS found FROM users WHERE tenant_id = $1 GROUP BY status, kind, two_factor';

describe('The number of users of each kind and state', () => {
  let portal: Portal;
  let tenants: string[];
  before(async () => {
    portal = await startPortal();
    tenants = (await Tenant.findAll({ attributes: ['id'] })).map(({ id }) => id);
  });
  after(() => portal.close());

  const query = (sql: string, ...bind: (string | number)[]) => portal.database.sequelize.query(sql, { bind });
  const numbers = async (sql: string, tenantId: string): Promise<string[]> =>
    (await portal.database.read(sql, [tenantId]))
      .filter(({ found }) => Number(found) !== 0)
      .map(({ status, kind, two_factor: factor, found }) => [status, kind, factor, Number(found)].join(' '))
      .sort();
  const agree = async (what: string): Promise<void> => {
    for (const tenantId of tenants)
      assert.deepEqual(await numbers(USERS_BY_STATE, tenantId), await numbers(COUNTED, tenantId), what);
    assert.equal(await miscounted(portal.database), 0, what);
  };
  it('is kept as it is counted, whatever happens to them, one by one or many at once, and what is taken back', async () => {
    let drawn = 7;
    const draw = (most: number): number => (drawn = (drawn * 48_271) % 2_147_483_647) % most;
    const one = <Of>(of: readonly Of[]): Of => of[draw(of.length)] as Of;
    const somebody = (tenantId: string) => {
      const id = newId();
      const names = { username: id, name: id, email: `${id}@acme.example` };
      return { id, tenantId, status: one(STATES), kind: one(KINDS), twoFactor: one(FACTORS), createdAt: 1, ...names };
    };
    const work: Record<string, (tenantId: string) => Promise<unknown>> = {
      one: (tenantId) => User.create(somebody(tenantId)),
      many: (tenantId) => User.bulkCreate(Array.from({ length: draw(9) + 1 }, () => somebody(tenantId))),
      together: (tenantId) => Promise.all([1, 2, 3, 4].map(() => User.create(somebody(tenantId)))),
      state: (tenantId) =>
        query('UPDATE users SET status = $1 WHERE tenant_id = $2 AND kind = $3', one(STATES), tenantId, one(KINDS)),
      factor: (tenantId) =>
        query(
          'UPDATE users SET two_factor = $1 WHERE tenant_id = $2 AND status = $3',
          one(FACTORS),
          tenantId,
          one(STATES),
        ),
      nothing: (tenantId) =>
        query('UPDATE users SET status = status, last_signed_in_at = 1 WHERE tenant_id = $1', tenantId),
      gone: (tenantId) =>
        query('DELETE FROM users WHERE tenant_id = $1 AND created_at = 1 AND status = $2', tenantId, one(STATES)),
      'taken back': (tenantId) =>
        inTransaction(async () => {
          await User.create(somebody(tenantId));
          await query('UPDATE users SET status = $1 WHERE tenant_id = $2', one(STATES), tenantId);
          throw new Error('taken back');
        }).catch((error: unknown) => assert.equal((error as Error).message, 'taken back')),
      'counted anew': () => countAnew(portal.database),
    };
    await agree('the demonstration');
    for (let round = 0; round < 60; round += 1) {
      const what = one(Object.keys(work));
      await work[what]?.(one(tenants));
      await agree(`${what}, round ${round}`);
    }
    const [gone = ''] = tenants;
    await query('DELETE FROM users WHERE tenant_id = $1', gone);
    assert.deepEqual(await numbers(USERS_BY_STATE, gone), []);
    await agree('an organisation without anybody');
  });

  it('is put right by the job that cleans up, where somebody wrote past it', async () => {
    await query('UPDATE user_counts SET people = people + 3');
    assert.notEqual(await miscounted(portal.database), 0);
    await purge(portal.services);
    await agree('cleaned up');
  });

  it('takes a row for each kind once that job has run, however often somebody was changed', async () => {
    const { tenantId, id } = (await User.findOne({ where: { kind: 'person' }, rejectOnEmpty: true })).get();
    for (let round = 0; round < 10; round += 1)
      await query('UPDATE users SET status = $1 WHERE id = $2', STATES[round % 3] ?? 'active', id);
    await purge(portal.services);
    const [row] = await portal.database.read('SELECT COUNT(*) AS found FROM user_counts WHERE tenant_id = $1', [
      tenantId,
    ]);
    assert.ok(Number(row?.['found']) <= STATES.length * KINDS.length * FACTORS.length);
    await agree('cleaned up');
  });
});

import assert from 'node:assert/strict';
import { newId } from '#models/columns.js';
import { Passkey } from '#models/passkey.js';
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

const PASSKEY = {
  ...{ rpId: 'localhost', userHandle: '', publicKey: '', counter: 0, transports: '', aaguid: '', createdAt: 1 },
  ...{ synced: false, backedUp: false, verified: true, signInAlone: true, name: 'Phone' },
};
// What SQLite keeps of the orders of lists, and what that is made of; nothing on PostgreSQL.
const BEGINNINGS = `SELECT place, 'name' AS word, begins, '' AS status FROM user_sort_names
  UNION ALL SELECT place, 'username', begins, status FROM user_sort_usernames
  UNION ALL SELECT place, 'email', begins, '' FROM user_sort_emails ORDER BY 1, 2`;
const THEIR_BEGINNINGS = ['name', 'username', 'email']
  .map(
    (word) => `SELECT p.place, '${word}' AS word, substr(u.${word}_key, 1, 16) AS begins,
    ${word === 'username' ? 'u.status' : `''`} AS status FROM users u JOIN user_places p ON p.id = u.id`,
  )
  .join(' UNION ALL ')
  .concat(' ORDER BY 1, 2');
const OWNERS_OF_PASSKEYS = 'SELECT DISTINCT user_id AS id FROM passkeys';

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
  const ids = async (sql: string): Promise<unknown[]> =>
    (await portal.database.read(sql, [])).map(({ id }) => id).sort();
  const agree = async (what: string): Promise<void> => {
    for (const tenantId of tenants)
      assert.deepEqual(await numbers(USERS_BY_STATE, tenantId), await numbers(COUNTED, tenantId), what);
    assert.equal(await miscounted(portal.database), 0, what);
    assert.deepEqual(await ids('SELECT id FROM users WHERE has_passkey'), await ids(OWNERS_OF_PASSKEYS), what);
    if (portal.database.dialect === 'sqlite')
      assert.deepEqual(
        await portal.database.read(BEGINNINGS, []),
        await portal.database.read(THEIR_BEGINNINGS, []),
        what,
      );
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
      names: async (tenantId) => {
        const named = await User.findOne({ where: { tenantId, kind: 'person' } });
        const [name, username] = [`Renamed ${draw(1000)}`, `renamed-${draw(1_000_000)}`];
        await named?.update({ name, username, email: `${username}@acme.example` });
      },
      nothing: (tenantId) =>
        query('UPDATE users SET status = status, last_signed_in_at = 1 WHERE tenant_id = $1', tenantId),
      gone: (tenantId) =>
        query('DELETE FROM users WHERE tenant_id = $1 AND created_at = 1 AND status = $2', tenantId, one(STATES)),
      passkey: async (tenantId) => {
        const owner = await User.findOne({ where: { tenantId } });
        if (owner) await Passkey.create({ ...PASSKEY, tenantId, userId: owner.id, credentialId: newId() });
      },
      'passkey lost': async (tenantId) => {
        const found = await Passkey.findAll({ where: { tenantId } });
        if (found.length > 0) await one(found).destroy();
      },
      'passkeys lost': (tenantId) => Passkey.destroy({ where: { tenantId } }),
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

  it('tells who has a passkey: from the first to the last, and of who is removed with them nothing is left', async () => {
    const { id: userId, tenantId } = await User.findOne({ where: { username: 'uma' }, rejectOnEmpty: true });
    const add = () => Passkey.create({ ...PASSKEY, tenantId, userId, credentialId: newId() });
    const has = async (): Promise<boolean> => (await ids('SELECT id FROM users WHERE has_passkey')).includes(userId);
    await Passkey.destroy({ where: { userId } });
    assert.equal(await has(), false);
    const [first, second] = [await add(), await add()];
    assert.equal(await has(), true);
    await first.destroy();
    assert.equal(await has(), true, 'one is left');
    await second.destroy();
    assert.equal(await has(), false);
    await Promise.all([add(), add()]);
    await inTransaction(async () => {
      await Passkey.destroy({ where: { userId } });
      throw new Error('taken back');
    }).catch(() => undefined);
    assert.equal(await has(), true, 'taken back');
    await agree('passkeys come and go');
    await query('DELETE FROM users WHERE id = $1', userId);
    await agree('with their owner');
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
    assert.ok(Number(row?.['found']) <= STATES.length * KINDS.length * FACTORS.length * 2);
    await agree('cleaned up');
  });
});

import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { inTransaction } from '#models/transaction.js';
import { countAnew, HOLDERS_BY_ROLE, HOLDERS_OF_ROLE, miscounted } from '#models/user-counts.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import { purge } from '#server/jobs/purge.js';
import { statementsOf } from '../support/asked.js';
import { startPortal, type Portal } from '../support/portal.js';

const COUNTED = 'SELECT role_id, COUNT(*) AS holders FROM user_roles WHERE tenant_id = $1 GROUP BY role_id';

describe('The number of those who hold a role', () => {
  let portal: Portal;
  let tenantId: string;
  let roles: Role[];
  let people: string[];
  before(async () => {
    portal = await startPortal();
    ({ id: tenantId } = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true }));
    roles = await Role.findAll({ where: { tenantId } });
    people = (await User.findAll({ where: { tenantId }, attributes: ['id'] })).map(({ id }) => id);
  });
  after(() => portal.close());

  const query = (sql: string, ...bind: (string | number)[]) => portal.database.sequelize.query(sql, { bind });
  const numbers = async (sql: string): Promise<string[]> =>
    (await portal.database.read(sql, [tenantId]))
      .filter(({ holders }) => Number(holders) !== 0)
      .map(({ role_id: roleId, holders }) => `${String(roleId)} ${Number(holders)}`)
      .sort();
  const agree = async (what: string): Promise<void> => {
    assert.deepEqual(await numbers(HOLDERS_BY_ROLE), await numbers(COUNTED), what);
    assert.equal(await miscounted(portal.database), 0, what);
  };

  it('is kept as it is counted, whatever is given and taken, one by one or many at once, and what is taken back', async () => {
    let drawn = 11;
    const draw = (most: number): number => (drawn = (drawn * 48_271) % 2_147_483_647) % most;
    const one = <Of>(of: readonly Of[]): Of => of[draw(of.length)] as Of;
    const granted = { at: 1, by: null };
    const some = (): string[] => roles.map(({ id }) => id).filter(() => draw(3) === 0);
    const grant = (userId: string) => UserRole.replace(tenantId, userId, some(), granted);
    const work: Record<string, () => Promise<unknown>> = {
      'one person has others': () => grant(one(people)),
      'several at once': () => Promise.all([0, 1, 2, 3].map((at) => grant(people[at] ?? ''))),
      'one for all': async () => {
        const roleId = one(roles).id;
        await UserRole.destroy({ where: { tenantId, roleId } });
        await UserRole.bulkCreate(people.map((userId) => ({ tenantId, userId, roleId })));
      },
      'none for many': () => UserRole.destroy({ where: { tenantId, userId: people.filter(() => draw(2) === 0) } }),
      moved: async () => {
        const [from, to] = [one(roles).id, one(roles).id];
        await UserRole.destroy({ where: { tenantId, roleId: to } });
        await query('UPDATE user_roles SET role_id = $1 WHERE tenant_id = $2 AND role_id = $3', to, tenantId, from);
      },
      'nothing new': () =>
        query('UPDATE user_roles SET role_id = role_id, granted_at = 2 WHERE tenant_id = $1', tenantId),
      'somebody goes': async () => {
        const gone = people.pop() ?? '';
        await query('DELETE FROM users WHERE id = $1', gone);
      },
      'taken back': () =>
        inTransaction(async () => {
          await grant(one(people));
          await query('DELETE FROM user_roles WHERE tenant_id = $1', tenantId);
          throw new Error('taken back');
        }).catch((error: unknown) => assert.equal((error as Error).message, 'taken back')),
      'counted anew': () => countAnew(portal.database),
    };
    await agree('the demonstration');
    for (let round = 0; round < 50; round += 1) {
      const what = people.length > 6 ? one(Object.keys(work)) : 'one for all';
      await work[what]?.();
      await agree(`${what}, round ${round}`);
      const { id } = one(roles);
      const [row] = await portal.database.read(HOLDERS_OF_ROLE, [tenantId, id]);
      assert.equal(Number(row?.['found']), await UserRole.count({ where: { tenantId, roleId: id } }));
    }
  });

  it('is put right by the job that cleans up, where somebody wrote past it', async () => {
    await query('UPDATE holder_counts SET people = people + 3');
    assert.notEqual(await miscounted(portal.database), 0);
    await purge(portal.services);
    await agree('cleaned up');
  });

  it('is told by the list of roles and by the page of one without going through their holders', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    const { id } = await Role.factory(tenantId, 'user');
    for (const path of ['/admin/roles', `/admin/roles/${id}`]) {
      const asked = await statementsOf(portal, async () => assert.equal((await olivia.get(path)).status, 200));
      const texts = asked.map(({ sql }) => sql);
      assert.ok(
        texts.some((sql) => /holder_counts/.test(sql)),
        path,
      );
      assert.deepEqual(
        texts.filter((sql) => /COUNT\(\*\)[^()]*FROM user_roles/i.test(sql)),
        [],
        path,
      );
    }
  });
});

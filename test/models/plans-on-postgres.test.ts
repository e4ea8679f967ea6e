import assert from 'node:assert/strict';
import { QueryTypes } from 'sequelize';
import { learnSizes } from '#models/tables.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { startPortal, type Portal } from '../support/portal.js';
import { statementsOf } from '../support/asked.js';

const PEOPLE = 5000;

// PostgreSQL goes by what it knows of the rows there are: how many hold a role on average, but not how many hold this one.
describe('Among thousands who hold the role of everybody, on PostgreSQL', () => {
  let portal: Portal;
  before(async function () {
    portal = await startPortal();
    if (portal.database.dialect !== 'postgres') this.skip();
    const { id: tenantId } = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
    await User.bulkCreate(
      Array.from({ length: PEOPLE }, (_, number) => ({
        ...{ tenantId, status: 'active' as const, username: `crowd${number}`, name: 'Crowd' },
        ...{ email: `crowd${number}@acme.example`, createdAt: portal.clock.now() },
      })),
    );
    await portal.database.sequelize.query(`
      INSERT INTO user_roles (tenant_id, user_id, role_id)
      SELECT u.tenant_id, u.id, r.id FROM users u JOIN roles r ON r.tenant_id = u.tenant_id AND r.key = 'user' WHERE u.name = 'Crowd'`);
    await learnSizes(portal.database);
  });
  after(() => portal.close());

  for (const path of ['/admin/checkup', '/admin/users?administrators=yes', '/admin/users?lacksPasskey=yes'])
    it(`${path} looks at those who hold a role that few hold, and at nobody else`, async () => {
      const olivia = await portal.signedIn('acme/olivia');
      const asked = await statementsOf(portal, async () => assert.equal((await olivia.get(path)).status, 200));
      const about = asked.filter(({ sql }) => sql.includes('FROM roles r CROSS JOIN'));
      assert.ok(about.length > 0);
      for (const { sql, bind } of about) {
        const rows = await portal.database.sequelize.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, {
          bind: [...bind],
          type: QueryTypes.SELECT,
        });
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        assert.doesNotMatch(plan, /Seq Scan on user_roles/);
        // By one user, or by the role: anything else goes through all of them.
        for (const [, entered = ''] of plan.matchAll(/user_roles_by_user on user_roles.*\n\s+Index Cond: (.*)/g))
          assert.match(entered, /user_id(?:\)::text)? = /);
      }
    });

  it('one or two letters are asked of no index of three, all of which would be gone through for them', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    for (const path of ['/admin/users?q=wd', '/admin/users?q=wd&sort=createdAt', '/admin/credentials?q=wd']) {
      const asked = (await statementsOf(portal, () => olivia.get(path))).filter(({ sql }) =>
        /search_key.* LIKE/.test(sql),
      );
      assert.ok(asked.length > 0, path);
      for (const { sql } of asked) assert.doesNotMatch(sql, /search_key LIKE/, path);
    }
  });
});

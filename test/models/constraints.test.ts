import assert from 'node:assert/strict';
import { ForeignKeyConstraintError, UniqueConstraintError } from 'sequelize';
import { newId } from '#models/columns.js';
import { inTransaction } from '#models/transaction.js';
import { KnownBrowser } from '#models/known-browser.js';
import { Link } from '#models/link.js';
import { PasswordHistory } from '#models/password-history.js';
import { Role } from '#models/role.js';
import { Session } from '#models/session.js';
import { Tenant } from '#models/tenant.js';
import { removeWithAll } from '#models/tenant-removal.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

class Undone extends Error {}

describe('The database itself keeps organisations apart and names unique', () => {
  let portal: Portal;
  let acme: string;
  let globex: string;
  before(async () => {
    portal = await startPortal();
    [acme, globex] = (
      await Promise.all(['acme', 'globex'].map((slug) => Tenant.findOne({ where: { slug }, rejectOnEmpty: true })))
    ).map(({ id }) => id) as [string, string];
  });
  after(() => portal.close());

  const user = (over: Partial<Record<'username' | 'email' | 'name', string>> & { tenantId?: string }) =>
    User.create({
      tenantId: acme,
      status: 'active',
      username: newId(),
      email: `${newId()}@acme.example`,
      name: 'X',
      createdAt: 1,
      ...over,
    });

  it('A username is one name in whatever case, width or company of spaces it is written', async () => {
    for (const username of ['UMA', 'Uma', 'ｕｍａ', ' uma ', 'ＵＭＡ'])
      await assert.rejects(user({ username }), UniqueConstraintError, username);
    await user({ username: 'ﬁnn' });
    await assert.rejects(user({ username: 'finn' }), UniqueConstraintError);
    await user({ username: 'Zoë' });
    await assert.rejects(user({ username: 'zoe\u0308' }), UniqueConstraintError);
  });

  it('So is an e-mail address, and the name of a role', async () => {
    for (const email of ['UMA@acme.example', 'uma@ACME.EXAMPLE', 'ｕｍａ@acme.example', 'uma＠acme.example'])
      await assert.rejects(user({ email }), UniqueConstraintError, email);
    for (const name of ['AUDITOR', 'ａｕｄｉｔｏｒ', ' auditor '])
      await assert.rejects(Role.create({ tenantId: acme, name, createdAt: 1 }), UniqueConstraintError, name);
  });

  it('Another organisation may have the same', async () => {
    await user({ tenantId: globex, username: 'uma', email: 'uma@acme.example' });
    await Role.create({ tenantId: globex, name: 'Night watch', createdAt: 1 });
    await Role.create({ tenantId: acme, name: 'Night watch', createdAt: 1 });
  });

  it('The canonical name follows a change of name, and a made-up one is not taken from the form', async () => {
    const one = await user({ username: 'First.Name' });
    await one.update({ username: 'Second.Name', usernameKey: 'made-up' });
    assert.equal((await User.findByPk(one.id))?.usernameKey, 'second.name');
    assert.equal((await User.bySignInName(acme, 'ＳＥＣＯＮＤ.name'))?.id, one.id);
    assert.equal(await User.bySignInName(acme, 'first.name'), null);
  });

  it('Much that is made out of little by NFKC fits its column', async () => {
    const one = await user({ name: 'ﷺ'.repeat(100) });
    assert.equal((await User.findByPk(one.id))?.name.length, 100);
    await Role.create({ tenantId: acme, name: 'ﷺ'.repeat(100), createdAt: 1 });
  });

  it('Nobody can hold a role of another organisation', async () => {
    const theirs = await Role.factory(globex, 'owner');
    const userId = portal.idOf('acme/uma');
    await assert.rejects(UserRole.create({ tenantId: acme, userId, roleId: theirs.id }), ForeignKeyConstraintError);
    await assert.rejects(UserRole.create({ tenantId: globex, userId, roleId: theirs.id }), ForeignKeyConstraintError);
    await assert.rejects(
      inTransaction(() => UserRole.replace(acme, userId, [theirs.id], { at: 0, by: null })),
      ForeignKeyConstraintError,
    );
    assert.equal(await UserRole.count({ where: { userId } }), 1, 'The old role is still held.');
  });

  it('Nothing of a user can be filed under another organisation', async () => {
    const userId = portal.idOf('acme/uma');
    const wrong = { tenantId: globex, userId, createdAt: 1 };
    await assert.rejects(
      Session.create({
        ...wrong,
        sidHash: newId(),
        epoch: 0,
        ip: '',
        client: '{}',
        lastSeenAt: 1,
        authenticatedAt: 1,
        modifiedAt: 1,
      }),
      ForeignKeyConstraintError,
    );
    await assert.rejects(
      Link.create({ ...wrong, kind: 'password-reset', tokenHash: newId(), epoch: 0, email: 'x', expiresAt: 2 }),
      ForeignKeyConstraintError,
    );
    await assert.rejects(KnownBrowser.create({ ...wrong, browserHash: 'x', lastUsedAt: 1 }), ForeignKeyConstraintError);
    await assert.rejects(PasswordHistory.create({ ...wrong, passwordHash: 'x' }), ForeignKeyConstraintError);
  });

  it('Every table that belongs to an organisation says so in each row', async () => {
    const columns =
      portal.database.dialect === 'sqlite'
        ? `SELECT m.name AS "table", p."notnull" = 1 AS sure FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND p.name = 'tenant_id'`
        : `SELECT table_name AS "table", is_nullable = 'NO' AS sure FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id'`;
    const rows = await portal.database.read(columns, []);
    assert.ok(rows.length > 10);
    // SQLite lets a text primary key be null unless told otherwise; that of the policy and of the log's head refer to tenants all the same.
    const unsure = rows.filter(({ sure }) => !sure).map(({ table }) => table);
    assert.deepEqual(
      unsure.filter((table) => table !== 'security_policies' && table !== 'security_log_heads'),
      [],
    );
  });

  it('An organisation goes in whatever order PostgreSQL follows its foreign keys', async function () {
    const { dialect, sequelize } = portal.database;
    if (dialect === 'sqlite') this.skip();
    const keys = await portal.database.read(
      `SELECT conrelid::regclass::text AS "table", conname AS name, pg_get_constraintdef(oid) AS says
       FROM pg_constraint WHERE confrelid = 'tenants'::regclass`,
      [],
    );
    assert.ok(keys.length > 10);
    // It goes by numbers that are given anew here: each of them once as the last of all.
    const order: string[] = [];
    for (const { table, name, says } of keys) {
      const last = `ALTER TABLE ${String(table)} DROP CONSTRAINT ${String(name)}, ADD CONSTRAINT ${String(name)} ${String(says)}`;
      await sequelize.query(last);
      const left = await inTransaction(async () => {
        await removeWithAll(globex);
        throw new Undone();
      }).catch((error: unknown) => error);
      if (!(left instanceof Undone)) order.push(`${String(table)}: ${String(left)}`);
    }
    assert.deepEqual(order, []);
  });

  it('When an organisation goes, all that is its goes with it, and nothing else', async () => {
    await portal.signedIn('globex/gina', PASSWORD);
    const others = await User.count({ where: { tenantId: acme } });
    await inTransaction(() => removeWithAll(globex));
    for (const model of [User, Role, Session, KnownBrowser, UserRole])
      assert.equal(await (model as typeof User).count({ where: { tenantId: globex } }), 0, model.tableName);
    assert.equal(await User.count({ where: { tenantId: acme } }), others);
  });
});

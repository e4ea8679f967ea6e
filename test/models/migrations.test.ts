import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { connect } from '#models/index.js';
import { migrate, pendingMigrations, revertAll } from '#models/migrations/index.js';
import { migration as joining } from '#models/migrations/0090-joining.js';
import { migration as holdersCounted } from '#models/migrations/0117-holders-counted.js';
import { migration as withoutFactor } from '#models/migrations/0118-users-without-factor.js';
import { alone } from '#models/migrations/ledger.js';
import { MIGRATIONS } from '#models/migrations/list.js';
import { inTransaction, writeInTransaction } from '#models/transaction.js';
import { COMMAND_LINE } from '#policies/actor.js';
import { contextWithoutRequest } from '#server/context.js';
import { seedDemo } from '#server/features/demo/actions.js';
import { DAY } from '#server/lib/clock.js';
import { tableNames } from '#models/tables.js';
import { contentsOf } from '../support/database.js';
import { invite } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { until } from '../support/until.js';
import { userCalled } from '../support/users.js';

// Whose work is begun by this goes with no transaction.
const outside = new AsyncResource('another process');

describe('The schema is built up, taken down and built up again', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('Who came by an invitation joined when they accepted it, as far as the log knows', async () => {
    const { database, clock } = portal;
    const path = await invite(portal, 'acme/iris');
    await invite(portal, 'acme/ida');
    clock.move(DAY);
    const typed = { newPassword: 'quiet-lantern-orchard-57', confirmPassword: 'quiet-lantern-orchard-57' };
    assert.equal((await portal.browser().submit(path, path, typed)).status, 303);
    const joined = async (): Promise<(number | null)[]> =>
      Promise.all(['iris', 'ida', 'uma'].map(async (name) => (await userCalled(portal, `acme/${name}`)).joinedAt));
    const before = await joined();
    assert.ok(Number(before[0]) - (await userCalled(portal, 'acme/iris')).createdAt >= DAY);
    assert.equal(before[1], null);
    for (const statement of joining.down) await database.sequelize.query(statement);
    await database.sequelize.query('DELETE FROM migrations WHERE name = $1', { bind: [joining.name] });
    assert.deepEqual(await migrate(database), [joining.name]);
    assert.deepEqual(await joined(), [...before.slice(0, 2), (await userCalled(portal, 'acme/uma')).createdAt]);
  });

  it('On PostgreSQL an upgrade leaves tables whose size is known, and through which it has gone', async function () {
    const { database } = portal;
    if (database.dialect !== 'postgres') return this.skip();
    for (const statement of joining.down) await database.sequelize.query(statement);
    await database.sequelize.query('DELETE FROM migrations WHERE name = $1', { bind: [joining.name] });
    assert.deepEqual(await migrate(database), [joining.name]);
    const seen = `SELECT reltuples, relallvisible FROM pg_class WHERE oid = 'users'::regclass`;
    const [users] = await database.read(seen, []);
    assert.ok(Number(users?.['reltuples']) > 0 && Number(users?.['relallvisible']) > 0, JSON.stringify(users));
  });

  it('On PostgreSQL an upgrade comes to its end though somebody writes at the same moment what it changes', async function () {
    const { database } = portal;
    if (database.dialect !== 'postgres') return this.skip();
    const anew = [holdersCounted, withoutFactor];
    for (const { name, down, postgresDown = [] } of anew.toReversed()) {
      for (const statement of [...down, ...postgresDown]) await database.sequelize.query(statement);
      await database.sequelize.query('DELETE FROM migrations WHERE name = $1', { bind: [name] });
    }
    const waiting = `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass`;
    let ran: Promise<string[]> | undefined;
    const writing = inTransaction(async () => {
      await writeInTransaction('UPDATE users SET name = name', []);
      ran = outside.runInAsyncScope(() => migrate(database));
      await until(async () => (await database.read(waiting, [])).length > 0);
      await writeInTransaction('UPDATE user_roles SET role_id = role_id', []);
    });
    // One of the two has to give way, and that may be who writes.
    await writing.catch((error: unknown) => assert.match(String(error), /deadlock/));
    assert.deepEqual(
      await ran,
      anew.map(({ name }) => name),
    );
  });

  it('Down to nothing though it is full, and up to the very same', async () => {
    const { database } = portal;
    const tables = await tableNames(database);
    assert.deepEqual(await pendingMigrations(database), []);
    assert.deepEqual(await migrate(database), [], 'A second time there is nothing to do.');
    await portal.signedIn('acme/uma');

    await revertAll(database);
    assert.deepEqual(await tableNames(database), ['migrations']);
    const names = await pendingMigrations(database);
    assert.deepEqual(names, [...names].sort());
    assert.ok(names.length >= 4);

    assert.deepEqual(await migrate(database), names);
    assert.deepEqual(await tableNames(database), tables);
    await seedDemo(contextWithoutRequest(portal.services, COMMAND_LINE, 'cli'), { password: PASSWORD });
    await portal.signedIn('acme/uma');
  });

  it('What SQLite alone has is none of the tables that are carried over or exported', async () => {
    const { database } = portal;
    const statements = MIGRATIONS.flatMap(({ sqlite = [] }) => sqlite);
    const own = statements.flatMap(
      (one) => /^CREATE (?:VIRTUAL )?TABLE (?:IF NOT EXISTS )?(\w+)/i.exec(one)?.[1] ?? [],
    );
    assert.ok(own.length > 5);
    const shared = MIGRATIONS.flatMap(({ postgres = [] }) => postgres).join('\n');
    const carried = new Set(await tableNames(database));
    const only = own.filter((table) => !new RegExp(`CREATE TABLE ${table}\\b`).test(shared));
    assert.deepEqual(
      only.filter((table) => carried.has(table)),
      [],
    );
  });

  it('Several processes that start at once run each migration once', async () => {
    const { database, config } = portal;
    await revertAll(database);
    const second = await connect(config);
    const ran = await Promise.all([migrate(database), migrate(second), migrate(database)]);
    assert.equal(new Set(ran.flat()).size, ran.flat().length);
    assert.deepEqual(await pendingMigrations(second), []);
    await second.close();
  });

  it('One that fails leaves nothing of itself behind', async () => {
    const { database } = portal;
    await revertAll(database);
    await database.sequelize.query('CREATE TABLE sessions (id INTEGER)');
    const before = await contentsOf(database);
    await assert.rejects(migrate(database));
    assert.deepEqual(await contentsOf(database), before);
    await database.sequelize.query('DROP TABLE sessions');
    assert.ok((await migrate(database)).length >= 4);
  });

  it('On PostgreSQL a change of very many rows is not ended for taking longer than people are let wait, and what they ask still is', async function () {
    const { database } = portal;
    if (database.dialect === 'sqlite') this.skip();
    const asked = "SELECT current_setting('statement_timeout') AS longest";
    const longest = async (): Promise<string> =>
      String((await database.sequelize.query(asked))[0].map((row) => (row as { longest: string }).longest));
    assert.equal(await alone(database, longest), '0');
    assert.equal(await longest(), '30s');
  });

  it('The log cannot be changed, neither a row nor all of it', async () => {
    const { database } = portal;
    const row = `INSERT INTO security_events (id, tenant_id, seq, at, event, level, door, details, key_id, hash) VALUES ('a', 't', 1, 1, 'e', 'low', 'web', '{}', 'k', 'h')`;
    await database.sequelize.query(row);
    const refused = [
      "UPDATE security_events SET level = 'low'",
      'DELETE FROM security_events',
      ...(database.dialect === 'postgres' ? ['TRUNCATE security_events'] : [row.replace('INSERT', 'REPLACE')]),
    ];
    for (const statement of refused) await assert.rejects(database.sequelize.query(statement), statement);
    assert.equal((await database.read('SELECT id FROM security_events', [])).length, 1);
  });
});

import assert from 'node:assert/strict';
import { NOT_IN_THE_FILE, sections } from '#server/features/account/own-data.js';
import { columnNames, tableNames } from '#models/tables.js';
import { MINUTE } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { logged } from '../support/links.js';
import { enrol, signedInWith } from '../support/second-factor.js';
import { startPortal, type Portal } from '../support/portal.js';
import { freshSshKey, generateFor, tokenFor } from '../support/programs.js';
import { tablesOfUsers } from '../support/tables-of-users.js';
import { pageOf } from '../support/users.js';

type File = Record<string, Record<string, unknown>[]>;

/** Columns that name a person by another name than `user_id`. */
const NAMING = /^(user_id|actor_id|begun_by|changed_by|asked_by|made_by|created_by|decided_by|owner_id|person_id)$/;

describe('Downloading what is kept of oneself', () => {
  let portal: Portal;
  let uma: Browser;
  before(async () => {
    portal = await startPortal();
    const { phone } = await enrol(portal, 'acme/uma');
    await tokenFor(portal, 'acme/uma');
    await generateFor(portal, 'acme/uma', 'key');
    uma = await signedInWith(portal, 'acme/uma', phone);
    await uma.submit('/security/ssh-keys', '/security/ssh-keys', { name: 'Laptop', publicKey: freshSshKey() });
    const adam = await portal.signedIn('acme/adam');
    const page = pageOf(portal.idOf('acme/uma'));
    await adam.submit(page, page, { name: 'Uma Nightingale' });
  });
  after(() => portal.close());

  const take = (browser: Browser): Promise<Page> => browser.submit('/profile', '/account/export');

  it('has a section for each table that refers to people, or a reason why not', async () => {
    const known = new Set([...sections().map(({ table }) => table), ...Object.keys(NOT_IN_THE_FILE)]);
    const naming = new Set(await tablesOfUsers(portal.database));
    for (const table of await tableNames(portal.database))
      if ((await columnNames(portal.database, table)).some((column) => NAMING.test(column))) naming.add(table);
    assert.ok(naming.has('security_events') && naming.has('user_jobs'), 'The tables are found.');
    assert.deepEqual(
      [...naming].filter((table) => !known.has(table)),
      [],
      'Add a section to server/features/account/own-data.ts, or the reason why it is not in the file.',
    );
    const all = await tableNames(portal.database);
    assert.deepEqual(
      [...known].filter((table) => !all.includes(table)),
      [],
    );
    assert.equal(new Set(sections().map(({ name }) => name)).size, sections().length);
  });

  it('holds every row about them, and none about anybody else', async () => {
    const answer = await take(uma);
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-disposition'] ?? '', /attachment; filename=my-data\.json/);
    const file = JSON.parse(answer.html) as File;
    const id = portal.idOf('acme/uma');
    for (const { name, table } of sections()) {
      if (!(await columnNames(portal.database, table)).includes('user_id')) continue;
      const sql = `SELECT COUNT(*) AS many FROM ${table} WHERE user_id = $1`;
      const [row] = await portal.database.read(sql, [id]);
      assert.equal(file[name]?.length, Number(row?.['many']), table);
      assert.ok(
        file[name].every(({ userId }) => userId === id),
        table,
      );
    }
    assert.equal(file['account']?.[0]?.['email'], 'uma@acme.example');
    assert.equal(file['roles']?.[0]?.['roleName'], 'User');
    assert.equal(file['apiCredentials']?.length, 2);
    assert.match(String(file['sessions']?.[0]?.['createdAt']), /^20\d\d-.*Z$/);
    const about = `SELECT COUNT(*) AS many FROM security_events WHERE actor_id = $1 OR target_id = $1`;
    const [events] = await portal.database.read(about, [id]);
    assert.equal(file['securityLog']?.length, Number(events?.['many']));
    const byAdam = file['securityLog'].filter(({ actorId }) => actorId === portal.idOf('acme/adam'));
    assert.notEqual(byAdam.length, 0);
    assert.ok(
      byAdam.every(({ ip, client }) => ip === null && client === null),
      'Where somebody else was is theirs.',
    );
  });

  it('of an administrator, too, holds every row in which their id stands, in whatever column of whatever table', async () => {
    const log = '/admin/security-log';
    const adam = await portal.signedIn('acme/adam');
    for (const action of [`${log}/verification`, `${log}/checkpoints`])
      assert.equal((await adam.submit(log, action)).status, 303, action);
    assert.equal((await adam.submit(log, `${log}/checkpoints/mail`, { wanted: 'yes' })).status, 303);
    const policy = '/admin/security-policy';
    assert.equal((await adam.submit(policy, policy, { maxSessions: '7' })).status, 303);
    const file = JSON.parse((await take(adam)).html) as File;
    const id = portal.idOf('acme/adam');
    const found = new Set<string>();
    for (const table of await tableNames(portal.database)) {
      if (table in NOT_IN_THE_FILE) continue;
      const about = (await portal.database.read(`SELECT * FROM ${table}`, [])).filter((row) =>
        Object.values(row).includes(id),
      );
      if (about.length === 0) continue;
      const kept = sections()
        .filter((section) => section.table === table)
        .flatMap(({ name }) => file[name] ?? []);
      const ids = new Set(kept.map((row) => row['id']));
      const missing = about.filter((row) => ('id' in row ? !ids.has(row['id']) : kept.length < about.length));
      assert.deepEqual(missing, [], table);
      found.add(table);
    }
    for (const table of ['users', 'sessions', 'log_walks', 'log_checkpoints', 'policy_entries', 'security_events'])
      assert.ok(found.has(table), table);
  });

  it('never has a secret in it, nor the hash of one', async () => {
    const { html } = await take(uma);
    let looked = 0;
    for (const table of await tableNames(portal.database))
      for (const column of await columnNames(portal.database, table)) {
        if (!/hash$|mac$|^sealed_/.test(column)) continue;
        for (const row of await portal.database.read(`SELECT ${column} AS value FROM ${table}`, [])) {
          const { value } = row;
          if (typeof value !== 'string' || value.length < 16) continue;
          looked += 1;
          assert.ok(!html.includes(value), `${table}.${column}`);
        }
      }
    assert.ok(looked > 20);
  });

  it('stands in the log, and is mailed to its owner with a way to object', async () => {
    const before = (await logged(portal, 'acme', 'account.exported')).length;
    await take(uma);
    const rows = await logged(portal, 'acme', 'account.exported');
    assert.equal(rows.length, before + 1);
    assert.equal(rows.at(-1)?.['actor_id'], portal.idOf('acme/uma'));
    const mail = await portal.inbox.newestTo('uma@acme.example');
    assert.equal(mail.event, 'account-exported');
    assert.match(mail.text, /\/disavowal\//);
  });

  it('asks first whether it is still them, where that was long ago', async () => {
    const umar = await portal.signedIn('acme/umar');
    const form = (await umar.open('/profile')).form('/account/export');
    portal.clock.move(11 * MINUTE);
    const before = (await logged(portal, 'acme', 'account.exported')).length;
    assert.match((await umar.post('/account/export', form)).location, /^\/confirm\?/);
    assert.equal((await logged(portal, 'acme', 'account.exported')).length, before);
  });
});

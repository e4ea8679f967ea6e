import assert from 'node:assert/strict';
import pg from 'pg';
import { DatabaseError, UniqueConstraintError } from 'sequelize';
import { readHealth } from '#server/health/read.js';
import { asRefusal } from '#server/http/errors.js';
import type { Page } from '../support/browser.js';
import { contentsOf } from '../support/database.js';
import { isGuarded, tellsNothing } from '../support/headers.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { until } from '../support/until.js';

describe('When something of ours fails', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('The log has the cause under the reference that the person reads, and none of the values', async () => {
    const browser = await portal.signedIn('acme/uma');
    const secret = 'value-in-a-statement';
    const failing = portal.database.sequelize.query(`SELECT '${secret}' FROM no_such_table`);
    await assert.rejects(failing);
    await portal.database.sequelize.query('ALTER TABLE security_events RENAME TO elsewhere');
    const answer = await browser.submit('/security/sessions', '/logout');
    await portal.database.sequelize.query('ALTER TABLE elsewhere RENAME TO security_events');
    assert.equal(answer.status, 500);
    tellsNothing(answer);
    const line = portal.logLines.find((one) => one.includes('request failed')) ?? '';
    const { requestId, err } = JSON.parse(line) as { requestId: string; err: Record<string, unknown> };
    assert.equal(requestId, answer.headers['x-request-id']);
    assert.match(String(err['stack']), /server\/trace\/append\.ts/);
    assert.doesNotMatch(line, /INSERT INTO|VALUES|security_events \(|acme|127\.0\.0\.1|Firefox/);
  });

  it('What the engine says of a value is not logged: only its code, and where it happened', async () => {
    const browser = await portal.signedIn('acme/uma');
    const { read } = portal.database;
    const said = Object.assign(new Error('invalid input "value-4711"'), { code: '22P02', sql: "SELECT 'value-4711'" });
    portal.database.read = () => Promise.reject(new DatabaseError(said));
    const answer = await browser.get('/security');
    portal.database.read = read;
    assert.equal(answer.status, 500);
    tellsNothing(answer);
    const logged = portal.logLines.filter((one) => one.includes(answer.headers['x-request-id'] ?? '?')).join();
    assert.ok(logged.includes('22P02') && logged.includes('errors.test.ts'), logged);
    assert.ok(!logged.includes('value-4711'));
  });

  it('What failed halfway has not happened at all', async () => {
    const browser = await portal.signedIn('acme/uma');
    const before = await contentsOf(portal.database);
    await portal.database.sequelize.query('ALTER TABLE outbox_messages RENAME TO elsewhere');
    const fields = {
      currentPassword: PASSWORD,
      newPassword: 'copper lantern meadow 9',
      confirmPassword: 'copper lantern meadow 9',
    };
    const answer = await browser.submit('/security', '/security/password', fields);
    await portal.database.sequelize.query('ALTER TABLE elsewhere RENAME TO outbox_messages');
    assert.equal(answer.status, 500);
    assert.deepEqual(await contentsOf(portal.database), before);
    assert.equal((await browser.get('/security')).status, 200, 'The session goes on.');
    await portal.signedIn('acme/uma');
  });

  it('The log has the cause of a “not now” too, by every door, so that its keeper finds the full disk', async () => {
    const browser = await portal.signedIn('acme/uma');
    const { read } = portal.database;
    const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL', sql: '' });
    portal.database.read = () => Promise.reject(new DatabaseError(full));
    const answers = [await browser.get('/security'), await browser.get('/api/v1/forward-auth')];
    portal.database.read = read;
    for (const { status, headers, path } of answers) {
      assert.equal(status, 503, path);
      const logged = portal.logLines.filter((one) => one.includes(headers['x-request-id'] ?? '?'));
      assert.ok(
        logged.some((one) => one.includes('SQLITE_FULL') && one.includes('"level":50')),
        logged.join(),
      );
    }
  });

  it('A busy or lost database is a “not now”, and a fault in a statement is not', () => {
    const lost = [
      'SQLITE_BUSY',
      'SQLITE_CANTOPEN',
      'SQLITE_FULL',
      'SQLITE_IOERR',
      'SQLITE_READONLY',
      '25006',
      '58030',
      '57P01',
      '57P03',
      '08006',
      '40P01',
      '40001',
      '53300',
      'ECONNREFUSED',
      'ECONNRESET',
    ];
    for (const code of lost) {
      const parent = Object.assign(new Error('secret words of the engine'), { code, sql: '' });
      const refusal = asRefusal(new DatabaseError(parent));
      assert.equal(refusal?.status, 503, code);
      assert.doesNotMatch(refusal.message, /secret/);
    }
    for (const code of ['SQLITE_ERROR', '42P01', '22001', '23505'])
      assert.equal(asRefusal(new DatabaseError(Object.assign(new Error('x'), { code, sql: '' }))), null, code);
    assert.equal(asRefusal(new UniqueConstraintError({ message: 'x' })), null);
    assert.equal(asRefusal('a string'), null);
    assert.equal(asRefusal(Object.assign(new Error('x'), { status: 200 })), null);
  });

  it('A portal whose database is gone says so to its keeper, and tells visitors nothing', async () => {
    const gone = await startPortal();
    const browser = await gone.signedIn('acme/uma');
    assert.equal((await browser.get('/readyz')).status, 200);
    await gone.database.close();
    const answer = await browser.get('/security');
    assert.ok([500, 503].includes(answer.status));
    isGuarded(answer);
    tellsNothing(answer);
    assert.equal((await browser.get('/readyz')).status, 503);
    assert.equal((await browser.get('/healthz')).status, 200);
    await gone.close();
  });
});

describe('When PostgreSQL goes away and comes back', () => {
  const server = process.env['TEST_DATABASE_URL'];
  const databaseOf = ({ config }: Portal): string => new URL(config.databaseUrl ?? '').pathname.slice(1);
  const hangUpOn = (portal: Portal, keeper: pg.Client) =>
    keeper.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [databaseOf(portal)]);

  it('Requests in between are told to wait, and everybody is still signed in afterwards', async function () {
    if (!server) this.skip();
    const portal = await startPortal();
    const browser = await portal.signedIn('acme/uma');
    const keeper = new pg.Client({ connectionString: server });
    await keeper.connect();
    const answers: Page[] = [];
    for (let round = 0; round < 3; round += 1) {
      const asked = Promise.all(Array.from({ length: 10 }, () => browser.get('/security')));
      await hangUpOn(portal, keeper);
      answers.push(...(await asked));
    }
    await keeper.end();
    // The last connections may still be dying: until it has heard of each, a request or two is told to wait.
    await until(async () => {
      const answer = await browser.get('/security');
      answers.push(answer);
      return answer.status === 200;
    });
    await portal.close();
    for (const answer of answers) {
      assert.ok(
        [200, 503].includes(answer.status),
        `${answer.status}: ${portal.logLines.filter((line) => line.includes('failed')).join('')}`,
      );
      if (answer.status === 503) assert.equal(answer.headers['retry-after'], '5');
      tellsNothing(answer);
    }
  });

  it('Where it takes no writes any more, writers are told to wait, pages are shown, and its keeper hears why', async function () {
    if (!server) this.skip();
    const portal = await startPortal();
    const browser = await portal.signedIn('acme/uma');
    const keeper = new pg.Client({ connectionString: server });
    await keeper.connect();
    await keeper.query(`ALTER DATABASE ${databaseOf(portal)} SET default_transaction_read_only = on`);
    await hangUpOn(portal, keeper);
    await keeper.end();
    await until(async () => (await browser.get('/security')).status === 200);
    const answer = await browser.submit('/security/sessions', '/logout');
    assert.equal(answer.status, 503);
    tellsNothing(answer);
    assert.equal((await browser.get('/readyz')).status, 503);
    const found = (await readHealth(portal.services)).find(({ about }) => about === 'database');
    assert.equal(found?.state, 'fail');
    assert.match(found.text, /takes no writes: it was set to read only/);
    await portal.close();
  });
});

import assert from 'node:assert/strict';
import { QueryTypes } from 'sequelize';
import { aboutSecret, TotpSecret } from '#models/totp-secret.js';
import { User } from '#models/user.js';
import { tableNames } from '#models/tables.js';
import { loadConfig } from '#server/config.js';
import type { Services } from '#server/context.js';
import { createLog } from '#server/lib/log.js';
import { newTotpSecret, totpCode } from '#server/lib/totp.js';
import { openServices } from '#server/services.js';
import { makeToken } from '../integration/portal.js';
import { gatehouse } from '../support/commands.js';
import { emptyInstallation, type Installation } from '../support/installation.js';
import { PASSWORD } from '../support/portal.js';
import { emptyPostgres } from '../support/postgres.js';
import { finished, startProgram, startServer } from '../support/process.js';
import { until } from '../support/until.js';
import { Visitor } from '../support/visitor.js';

const UMA = { organization: 'acme', username: 'uma', password: PASSWORD };

/** Every row, truth as PostgreSQL has it, but for what the copy itself notes. */
async function everyRow({ database }: Services): Promise<Record<string, string[]>> {
  const rows: Record<string, string[]> = {};
  for (const table of await tableNames(database)) {
    if (table === 'migrations') continue;
    const found = await database.sequelize.query<Record<string, unknown>>(`SELECT * FROM ${table}`, {
      type: QueryTypes.SELECT,
    });
    rows[table] = found
      .filter(({ event }) => event !== 'database.copied')
      .map((row) =>
        Object.entries(row).map(([name, value]) => [name, typeof value === 'boolean' ? Number(value) : value]),
      )
      .map((row) => (table === 'security_log_heads' ? String(row[0]) : JSON.stringify(row.sort())))
      .sort();
  }
  return rows;
}

describe('An installation on SQLite, carried over into PostgreSQL', function () {
  this.timeout(600_000);
  let here: Installation;
  let settings: Record<string, string>;
  let target: string;
  const secret = newTotpSecret();
  const gate = (...args: string[]) => gatehouse(args, here.folder, settings);
  async function look<T>(databaseUrl: string, work: (services: Services) => Promise<T>): Promise<T> {
    const services = await openServices(loadConfig({ ...settings, DATABASE_URL: databaseUrl }), createLog('silent'));
    try {
      return await work(services);
    } finally {
      await services.database.close();
    }
  }

  before(async function () {
    const url = await emptyPostgres();
    // There is nothing to carry it into: set TEST_DATABASE_URL.
    if (url === null) return this.skip();
    target = url;
    here = await emptyInstallation();
    settings = { ...here.settings, DATABASE_URL: '' };
    const { code, stderr } = await gate('demo', '--password', PASSWORD, '--events', '4000', '--users', '50');
    assert.equal(code, 0, stderr);
    await look('', async (services) => {
      const now = Date.now();
      const { id: userId, tenantId } = await User.findOne({ where: { usernameKey: 'umar' }, rejectOnEmpty: true });
      await User.update({ twoFactor: 'active' }, { where: { id: userId } });
      const sealedSecret = services.keys.seal(secret, aboutSecret({ tenantId, userId }));
      await TotpSecret.upsert({ tenantId, userId, sealedSecret, lastStep: 0, createdAt: now, confirmedAt: now });
    });
  });
  after(() => here?.remove());

  let uma: Visitor;
  let token: string;

  it('is refused while Gatehouse serves, and where the other database is not empty', async () => {
    const server = await startServer(here.folder, settings);
    uma = new Visitor(server.url);
    assert.equal((await uma.submit('/login', UMA)).status, 303);
    token = (await makeToken(uma)).secret;
    const busy = await gate('database', 'copy', target);
    assert.equal(busy.code, 1);
    assert.match(busy.stderr, /has this database open\. Stop it first/);
    assert.equal((await uma.get('/security')).status, 200, 'and goes on serving');
    assert.equal(await server.stop(), 0);
    assert.equal((await gate('database', 'copy', 'mysql://elsewhere')).code, 2);
  });

  it('that is killed half way leaves no row behind', async () => {
    const child = startProgram('server/cli/main.ts', ['database', 'copy', target], here.folder, settings);
    const ended = finished(child);
    const rows = `SELECT state FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'INSERT INTO%'`;
    await look(target, ({ database }) =>
      until(async () => child.exitCode !== null || (await database.read(rows, [])).length > 0, 240),
    );
    child.kill('SIGKILL');
    assert.equal((await ended).code, null, 'it was killed before its end');
    await look(target, async ({ database }) => {
      assert.deepEqual(await database.read('SELECT id FROM tenants', []), []);
      assert.deepEqual(await database.read('SELECT id FROM security_events LIMIT 1', []), []);
    });
  });

  it('arrives row by row, sealed values byte for byte, and every log as it was', async () => {
    const { code, stdout, stderr } = await gate('database', 'copy', target);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^\d{4,} rows of \d+ tables were copied/);
    assert.match(stdout, /^The log of acme: intact, \d{4,} rows\.$/m);
    assert.deepEqual(await look(target, everyRow), await look('', everyRow));
    const again = await gate('database', 'copy', target);
    assert.match(again.stderr, /is not empty\. Name an empty one\./);
  });

  it('lets everybody go on there: sessions, tokens and codes are good', async () => {
    const server = await startServer(here.folder, { ...settings, DATABASE_URL: target });
    uma = uma.at(server.url);
    assert.equal((await uma.get('/security')).status, 200);
    const me = await fetch(`${server.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(me.status, 200);
    const umar = new Visitor(server.url);
    await umar.submit('/login', { ...UMA, username: 'umar' });
    const code = totpCode(secret, Math.floor(Date.now() / 30_000));
    assert.equal((await umar.submit('/login/two-factor', { code })).status, 303);
    assert.equal(await server.stop(), 0);
  });
});

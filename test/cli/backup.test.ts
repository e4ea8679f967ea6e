import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { QueryTypes } from 'sequelize';
import { aboutSecret, TotpSecret } from '#models/totp-secret.js';
import { User } from '#models/user.js';
import { tableNames } from '#models/tables.js';
import { restoreBackup } from '#server/backup/restore.js';
import { loadConfig } from '#server/config.js';
import type { Services } from '#server/context.js';
import { Refusal } from '#server/errors.js';
import { createLog } from '#server/lib/log.js';
import { newTotpSecret, totpCode } from '#server/lib/totp.js';
import { openServices } from '#server/services.js';
import { gatehouse } from '../support/commands.js';
import { emptyInstallation, type Installation } from '../support/installation.js';
import { PASSWORD } from '../support/portal.js';
import { emptyPostgres } from '../support/postgres.js';
import { finished, startProgram, startServer } from '../support/process.js';
import { until } from '../support/until.js';
import { Visitor } from '../support/visitor.js';

type Rows = Record<string, string[]>;

/** Every row of every table, but for what the backup itself leaves in the log of the platform. */
async function everyRow({ database }: Services): Promise<Rows> {
  const rows: Rows = {};
  for (const table of await tableNames(database)) {
    const found = await database.sequelize.query<Record<string, unknown>>(`SELECT * FROM ${table}`, {
      type: QueryTypes.SELECT,
    });
    rows[table] = found
      .filter(({ event }) => !String(event).startsWith('backup.'))
      .map((row) => JSON.stringify(table === 'security_log_heads' ? row['tenant_id'] : row))
      .sort();
  }
  return rows;
}

/** Whether a restoration is under way there, which goes on when the program that began it has been killed. */
async function isBeingRestored(database: Services['database']): Promise<boolean> {
  const running = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'pg_restore'`;
  return (await database.read(running, [])).length > 0;
}

describe('A backup', () => {
  let here: Installation;
  let folder: string;
  let secret: string;
  let calmPlace: Record<string, string>;
  const file = (name: string): string => join(folder, name);

  before(async () => {
    here = await emptyInstallation();
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-backups-'));
    await here.done('demo', '--password', PASSWORD, '--events', '3000');
    secret = newTotpSecret();
    await here.look(async (services) => {
      const now = Date.now();
      const { id: userId, tenantId } = await User.findOne({ where: { usernameKey: 'uma' }, rejectOnEmpty: true });
      await User.update({ twoFactor: 'active' }, { where: { id: userId } });
      const sealedSecret = services.keys.seal(secret, aboutSecret({ tenantId, userId }));
      await TotpSecret.upsert({ tenantId, userId, sealedSecret, lastStep: 0, createdAt: now, confirmedAt: now });
    });
  });
  after(() => {
    here.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The settings of an empty place, with this key in it, or none. */
  async function place(name: string, key: string | null = readFileSync(join(here.dataDir, 'secret.key'), 'utf8')) {
    const dataDir = join(folder, name);
    mkdirSync(dataDir, { mode: 0o700 });
    if (key !== null) writeFileSync(join(dataDir, 'secret.key'), key, { mode: 0o600 });
    return { DATA_DIR: dataDir, DATABASE_URL: (await emptyPostgres()) ?? '', LOG_LEVEL: 'info' };
  }
  const restore = (settings: Record<string, string>, name: string) =>
    gatehouse(['restore', file(name)], folder, settings);
  async function look<T>(settings: Record<string, string>, work: (services: Services) => Promise<T>): Promise<T> {
    const services = await openServices(loadConfig(settings), createLog('silent'));
    try {
      return await work(services);
    } finally {
      await services.database.close();
    }
  }

  it('is made while people sign in, and is the database as it was at one moment', async () => {
    const server = await startServer(here.folder, here.settings);
    let made = false;
    const statuses: number[] = [];
    const load = ['olivia', 'adam', 'audrey'].map(async (username) => {
      while (!made)
        statuses.push(
          (await new Visitor(server.url).submit('/login', { organization: 'acme', username, password: PASSWORD }))
            .status,
        );
    });
    await until(() => statuses.length > 3, 240);
    await here.done('backup', file('busy.tar.gz'));
    made = true;
    await Promise.all(load);
    assert.deepEqual([...new Set(statuses)], [303]);
    assert.equal(await server.stop(), 0);

    const beside = await place('busy');
    const { code, stdout, stderr } = await restore(beside, 'busy.tar.gz');
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^The log of acme: intact, \d+ rows\.\nThe log of globex: intact.*\nThe log of platform: intact/,
    );
    const [then, now] = [await look(beside, everyRow), await here.look(everyRow)];
    const there = new Set(now['security_events']);
    assert.ok((then['security_events'] ?? []).length > 3000);
    assert.deepEqual(
      (then['security_events'] ?? []).filter((row) => !there.has(row)),
      [],
    );
  });

  it('is one file for its owner alone, with no key in it', () => {
    assert.equal(statSync(file('busy.tar.gz')).mode & 0o777, 0o600);
    const inside = gunzipSync(readFileSync(file('busy.tar.gz')));
    const [, key = ''] = /^k1:(.*)$/m.exec(readFileSync(join(here.dataDir, 'secret.key'), 'utf8')) ?? [];
    assert.ok(key.length > 20 && !inside.includes(key) && !inside.includes(Buffer.from(key, 'base64')));
    assert.deepEqual(readdirSync(folder).sort(), ['busy', 'busy.tar.gz']);
  });

  it('that is killed half way leaves nothing under its name, and the next one clears away what it left', async () => {
    const child = startProgram('server/cli/main.ts', ['backup', file('killed.tar.gz')], here.folder, here.settings);
    const ended = finished(child);
    await until(() => readdirSync(folder).some((name) => name.startsWith('killed.tar.gz.part-')), 240);
    child.kill('SIGKILL');
    await ended;
    assert.equal(existsSync(file('killed.tar.gz')), false);
    await here.done('backup', file('killed.tar.gz'));
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('.part-')),
      [],
    );
  });

  it('is restored beside, row by row as it was, and people sign in there with their codes', async () => {
    await here.done('backup', file('calm.tar.gz'));
    const beside = (calmPlace = await place('calm'));
    assert.equal((await restore(beside, 'calm.tar.gz')).code, 0);
    assert.deepEqual(await look(beside, everyRow), await here.look(everyRow));
    if (!beside.DATABASE_URL) assert.equal(statSync(join(beside.DATA_DIR, 'gatehouse.sqlite')).mode & 0o777, 0o600);
    assert.deepEqual(
      readdirSync(beside.DATA_DIR).filter((name) => name.startsWith('restoring')),
      [],
    );

    const server = await startServer(folder, beside);
    const uma = new Visitor(server.url);
    await uma.submit('/login', { organization: 'acme', username: 'uma', password: PASSWORD });
    const code = totpCode(secret, Math.floor(Date.now() / 30_000));
    assert.equal((await uma.submit('/login/two-factor', { code })).status, 303);
    assert.equal((await uma.get('/security')).status, 200);
    assert.equal(await server.stop(), 0);
    const log = await gatehouse(['log', 'verify'], folder, beside);
    assert.equal(log.code, 0, log.stderr);
  });

  it('whose restoration is killed half way is not taken for whole: the place is empty, or it is as it was', async () => {
    const beside = await place('half');
    const child = startProgram('server/cli/main.ts', ['restore', file('calm.tar.gz')], folder, beside);
    const ended = finished(child);
    await until(() => existsSync(join(beside.DATA_DIR, 'restoring')), 240);
    child.kill('SIGKILL');
    await ended;
    if (beside.DATABASE_URL)
      await look(beside, ({ database }) => until(async () => !(await isBeingRestored(database)), 240));
    const left = beside.DATABASE_URL
      ? await look(beside, async ({ database }) => (await tableNames(database)).length > 0)
      : existsSync(join(beside.DATA_DIR, 'gatehouse.sqlite'));
    if (!left) {
      const { code, stderr } = await restore(beside, 'calm.tar.gz');
      assert.equal(code, 0, stderr);
      assert.ok(!existsSync(join(beside.DATA_DIR, 'restoring')), 'What the first has left is gone.');
    }
    assert.deepEqual(await look(beside, everyRow), await here.look(everyRow));
    assert.equal((await gatehouse(['log', 'verify'], folder, beside)).code, 0);
  });

  it('is noted in the log of the platform, and so is a restoration', async () => {
    const events = (services: Services) =>
      services.database
        .read(`SELECT event, details FROM security_events WHERE event LIKE 'backup.%' ORDER BY seq`, [])
        .then((rows) => rows.map(({ event }) => event));
    assert.deepEqual(await here.look(events), ['backup.made', 'backup.made', 'backup.made']);
    assert.deepEqual(await look(calmPlace, events), ['backup.made', 'backup.made', 'backup.restored']);
    const calm = { ...here.settings, DATA_DIR: file('other') };
    cpSync(here.dataDir, calm.DATA_DIR, { recursive: true });
    assert.match(
      (await gatehouse(['backup', file('calm.tar.gz')], folder, calm)).stderr,
      /calm\.tar\.gz is there already\./,
    );
  });

  it('is refused in a place that is not empty, with no key, with another key, and where it was changed or cut off', async () => {
    const whole = readFileSync(file('calm.tar.gz'));
    const inside = gunzipSync(whole);
    const flipped = Buffer.from(inside);
    flipped[4096] = (flipped[4096] ?? 0) ^ 1;
    const signed = Buffer.from(
      inside
        .toString('latin1')
        .replace(/"madeAt": (\d)/, (_all, first: string) => `"madeAt": ${(Number(first) % 9) + 1}`),
      'latin1',
    );
    const later = Buffer.from(inside.toString('latin1').replace('0001-tenants', '9001-tenants'), 'latin1');
    const cut = Array.from({ length: 7 }, (_, part): [string, [Buffer, RegExp]] => [
      `cut-${part}.tar.gz`,
      [whole.subarray(0, Math.floor((whole.length * (part + 1)) / 8)), /damaged or cut off/],
    ]);
    const broken: Record<string, [Buffer, RegExp]> = {
      ...Object.fromEntries(cut),
      'nearly.tar.gz': [whole.subarray(0, -1), /damaged or cut off/],
      'text.tar.gz': [Buffer.from('nothing of the kind'), /not a backup of Gatehouse/],
      'flipped.tar.gz': [gzipSync(flipped), /damaged/],
      'signed.tar.gz': [gzipSync(signed), /manifest of this backup was changed/],
      'later.tar.gz': [gzipSync(later), /Install that version, or a later one/],
    };
    const empty = await place('empty');
    const refused = (settings: Record<string, string>, name: string): Promise<string> =>
      restoreBackup(loadConfig(settings, 'leave'), createLog('silent'), file(name)).then(
        () => assert.fail(`${name} was restored`),
        (error: unknown) => (error instanceof Refusal ? error.message : assert.fail(String(error))),
      );
    for (const [name, [bytes, why]] of Object.entries(broken)) {
      writeFileSync(file(name), bytes);
      assert.match(await refused(empty, name), why, name);
      assert.deepEqual(readdirSync(empty.DATA_DIR), ['secret.key'], name);
    }
    const refusals: [Record<string, string>, RegExp][] = [
      [here.settings, /already. Restore into an empty/],
      [await place('keyless', null), /There is no secret key in .*no backup holds one/],
      [
        await place('other-key', `k1:${randomBytes(32).toString('base64')}\n`),
        /"k1" in .* is not the one that this backup was made with/,
      ],
      [
        await place('later-key', `k7:${randomBytes(32).toString('base64')}\n`),
        /needs the secret key "k1", which is not in/,
      ],
    ];
    for (const [settings, why] of refusals) assert.match(await refused(settings, 'calm.tar.gz'), why);
    assert.match(await refused(empty, 'nowhere.tar.gz'), /There is no file/);
  });
});

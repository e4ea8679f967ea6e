import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Op } from 'sequelize';
import { newId } from '#models/columns.js';
import { aboutKeptForm, KeptForm } from '#models/kept-form.js';
import { aboutBody, OutboxMessage } from '#models/outbox-message.js';
import { SecurityEvent } from '#models/security-event.js';
import { Tenant } from '#models/tenant.js';
import { aboutSecret, TotpSecret } from '#models/totp-secret.js';
import { User } from '#models/user.js';
import type { Services } from '#server/context.js';
import { countSealed, SEALED } from '#server/keys/sealed.js';
import { newTotpSecret, totpCode } from '#server/lib/totp.js';
import { gatehouse } from '../support/commands.js';
import { demonstration, type Installation } from '../support/installation.js';
import { PASSWORD } from '../support/portal.js';
import { finished, startProgram, startServer, type RunningServer } from '../support/process.js';
import { until } from '../support/until.js';
import { Visitor } from '../support/visitor.js';

const UMA = { organization: 'acme', username: 'uma', password: PASSWORD };
const MAILS = 1500;

// A mail of the rotation itself, under way or gone.
const ROTATED = 'The secret key of this Gatehouse was rotated';

/** Everything that is sealed, opened, and the keys that it is sealed with. */
async function opened(services: Services): Promise<{ values: string[]; keyIds: string[] }> {
  const values: string[] = [];
  for (const { table, column, row, owner, about } of SEALED) {
    const rows = await services.database.read(
      `SELECT ${row} AS row_id, ${owner} AS owner_id, ${column} AS sealed FROM ${table} WHERE ${column} IS NOT NULL ORDER BY 1`,
      [],
    );
    for (const one of rows)
      values.push(services.keys.open(String(one['sealed']), about(String(one['row_id']), String(one['owner_id']))));
  }
  const keyIds = (await countSealed(services)).map(({ keyId }) => keyId);
  return { values: values.filter((value) => !value.includes(ROTATED)), keyIds: [...new Set(keyIds)].sort() };
}

describe('The secret key, from the command line', () => {
  let here: Installation;
  let server: RunningServer;
  let secret: string;
  let values: string[];
  const keyFile = (): string => join(here.dataDir, 'secret.key');

  before(async () => {
    here = await demonstration();
    secret = newTotpSecret();
    await here.look(async (services) => {
      const now = Date.now();
      const { id: userId, tenantId } = await User.findOne({ where: { usernameKey: 'uma' }, rejectOnEmpty: true });
      await User.update({ twoFactor: 'active' }, { where: { id: userId } });
      const sealedSecret = services.keys.seal(secret, aboutSecret({ tenantId, userId }));
      await TotpSecret.upsert({ tenantId, userId, sealedSecret, lastStep: 0, createdAt: now, confirmedAt: now });
      await OutboxMessage.bulkCreate(
        Array.from({ length: MAILS }, () => {
          const id = newId();
          const sealedBody = services.keys.seal(`{"text":"${id}"}`, aboutBody({ id, tenantId }));
          const about = { event: 'invitation', recipient: 'x@acme.example', subject: 'x' };
          return { id, tenantId, ...about, sealedBody, nextTryAt: now + 1e9, createdAt: now };
        }),
      );
    });
    server = await startServer(here.folder, here.settings);
    // Soon after its start it looks for itself whether something is left to be sealed anew; the next time is far off.
    const done = `SELECT name FROM leases WHERE name = 'seal-anew' AND expires_at = 0`;
    await here.look(({ database }) => until(async () => (await database.read(done, [])).length === 1, 120));
    const uma = new Visitor(server.url);
    await uma.submit('/login', UMA);
    assert.equal((await uma.submit('/login/two-factor', { code: freshCode() })).status, 303);
    await here.look(async (services) => {
      const [session] = await services.database.read('SELECT id, user_id, tenant_id FROM sessions', []);
      const row = KeptForm.build({
        tenantId: String(session?.['tenant_id']),
        userId: String(session?.['user_id']),
        sessionId: String(session?.['id']),
        ...{ path: '/security', sealedFields: '', createdAt: Date.now() },
      });
      row.sealedFields = services.keys.seal('{}', aboutKeptForm(row));
      await row.save();
      // Mails that are on their way now are gone in a moment.
      const due = { state: 'queued', nextTryAt: { [Op.lt]: Date.now() + 1e8 } } as const;
      while ((await OutboxMessage.count({ where: due })) > 0) await setTimeout(100);
      values = (await opened(services)).values;
    });
    signedIn = uma;
  });
  after(() => {
    server.child.kill('SIGKILL');
    here.remove();
  });
  let signedIn: Visitor;
  // Of now, or of the step after the last one that was used: it is good still where a step begins before it comes in.
  let step = 0;
  const freshCode = (): string => totpCode(secret, (step = Math.max(Math.floor(Date.now() / 30_000), step + 1)));

  it('is listed with what needs it', async () => {
    const [key, ...others] = JSON.parse(await here.done('key', 'list', '--json')) as Record<string, unknown>[];
    assert.deepEqual([key?.['id'], key?.['state'], others], ['k1', 'current', []]);
    assert.match(String(key?.['since']), /^\d{4}-/);
    const needs = (key?.['neededBy'] as string[]).map((need) => need.replace(/^\d+ /, ''));
    assert.deepEqual(needs.sort(), [
      'kept forms',
      'mails under way',
      'recovery codes',
      'rows of the security log',
      'two-factor secrets',
    ]);
  });

  it('is rotated while Gatehouse serves, and a rotation that is killed loses nothing', async () => {
    const rotation = startProgram('server/cli/main.ts', ['key', 'rotate'], here.folder, here.settings);
    const ended = finished(rotation);
    await here.look(async (services) => {
      for (let anew = 0; anew < 20;) {
        const counts = await countSealed(services);
        anew = counts.reduce((sum, { keyId, count }) => (keyId === 'k1' ? sum : sum + count), 0);
      }
      rotation.kill('SIGKILL');
      await ended;
      const now = await opened(services);
      assert.deepEqual(now.keyIds, ['k1', 'k2'], 'it was killed in the middle');
      assert.deepEqual(now.values, values);
      const told = await OutboxMessage.findAll({ where: { event: 'key-rotated' } });
      assert.deepEqual(
        told.map(({ recipient }) => recipient),
        ['opal@platform.example'],
      );
    });
    assert.match(readFileSync(keyFile(), 'utf8'), /^k2:.*\nk1:.*\n$/);
    assert.equal(statSync(keyFile()).mode & 0o777, 0o600);
  });

  it('is not needed for signing in meanwhile: whoever was signed in signs in again, with a code', async () => {
    // The server looks each second.
    for (let tries = 0; tries < 30 && (await signedIn.get('/security')).status === 200; tries += 1)
      await setTimeout(100);
    assert.equal((await signedIn.get('/security')).status, 303);
    const uma = new Visitor(server.url);
    await uma.submit('/login', UMA);
    assert.equal((await uma.submit('/login/two-factor', { code: freshCode() })).status, 303);
    assert.equal((await uma.get('/security')).status, 200);
  });

  it('is finished with by running the rotation again, which says what the old key is still for', async () => {
    const said = await here.done('key', 'rotate');
    assert.match(said, /^A rotation to k2 was under way, and is finished now\./);
    assert.match(said, /\nk1 is still needed by recovery codes, rows of the security log\.\n$/);
    await here.look(async (services) => {
      const now = await opened(services);
      assert.deepEqual(now.keyIds, ['k2']);
      assert.ok(values.every((value) => now.values.includes(value)));
      const platform = await Tenant.findOne({ where: { slug: 'platform' }, rejectOnEmpty: true });
      assert.equal(await SecurityEvent.count({ where: { tenantId: platform.id, event: 'key.rotated' } }), 1);
    });
    assert.match(await here.done('log', 'verify'), /^acme: intact.*\nglobex: intact.*\nplatform: intact/);
    const listed = JSON.parse(await here.done('key', 'list', '--json')) as Record<string, unknown>[];
    assert.deepEqual(
      listed.map(({ id, state }) => [id, state]),
      [
        ['k2', 'current'],
        ['k1', 'retired'],
      ],
    );
  });

  it('is made anew at each further run, and two at once lose none', async () => {
    const runs = await Promise.all([here.run(['key', 'rotate']), here.run(['key', 'rotate'])]);
    assert.ok(runs.some(({ code }) => code === 0));
    const kept = readFileSync(keyFile(), 'utf8');
    assert.match(kept, /^(k\d:.*\n)+$/);
    await here.look(async (services) => assert.ok((await opened(services)).values.length > MAILS));
  });

  it('is refused where the database was made with another, by server, commands and doctor, in words that say what to do', async () => {
    await server.stop();
    const right = readFileSync(keyFile(), 'utf8');
    const current = right.split('\n')[0]?.split(':')[0] ?? '';
    const other = randomBytes(32).toString('base64');
    const [newest = '', ...older] = right.trimEnd().split('\n');
    const wrong = [
      `${current}:${other}\n`,
      `k77:${other}\n`,
      // Without the one that secrets are sealed with, or with a retired one in its place.
      `${older.join('\n')}\n`,
      `${[...older, newest].join('\n')}\n`,
      `k78:${other}\n${older.join('\n')}\n`,
    ];
    for (const [at, keys] of wrong.entries()) {
      writeFileSync(keyFile(), keys);
      const { stdout } = await here.run(['doctor']);
      assert.match(stdout, /^FAIL {2}keys .*The secret key "k\d+".* Put .*DATABASE_URL or DATA_DIR/m, keys);
      if (at > 0) continue;
      const refused = await Promise.all([
        finished(startProgram('server/main.ts', [], here.folder, { ...here.settings, PORT: '0' })),
        here.run(['user', 'unlock', 'acme/uma']),
      ]);
      for (const { code, stderr } of refused) {
        assert.equal(code, 1);
        assert.match(stderr, /^The secret key "k\d+" .* Put .*DATABASE_URL or DATA_DIR[^\n]*\n$/);
      }
    }
    writeFileSync(keyFile(), right);
    await here.done('key', 'list');
  });

  it('is left alone where it comes from the environment: both are told, and the next start with both seals anew', async () => {
    const [now = '', ...retired] = readFileSync(keyFile(), 'utf8').trimEnd().split('\n');
    const settings = { ...here.settings, SECRET_KEY: now, SECRET_KEYS_RETIRED: retired.join(',') };
    const { code, stdout } = await gatehouse(['key', 'rotate'], here.folder, settings);
    assert.equal(code, 0);
    const [, SECRET_KEY = ''] = /^SECRET_KEY=(.*)$/m.exec(stdout) ?? [];
    const [, SECRET_KEYS_RETIRED = ''] = /^SECRET_KEYS_RETIRED=(.*)$/m.exec(stdout) ?? [];
    assert.deepEqual(SECRET_KEYS_RETIRED.split(','), [now, ...retired]);
    await here.look(async (services) => assert.equal((await opened(services)).keyIds.length, 1));
    server = await startServer(here.folder, { ...here.settings, SECRET_KEY, SECRET_KEYS_RETIRED });
    const anew = SECRET_KEY.split(':')[0] ?? '';
    for (let keyIds: string[] = []; keyIds.join() !== anew;)
      keyIds = await here.look(async (services) => [
        ...new Set((await countSealed(services)).map(({ keyId }) => keyId)),
      ]);
    assert.equal(await server.stop(), 0);
  });
});

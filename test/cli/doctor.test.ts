import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { Passkey } from '#models/passkey.js';
import { Tenant } from '#models/tenant.js';
import { TotpSecret } from '#models/totp-secret.js';
import { User } from '#models/user.js';
import { SYSTEM } from '#policies/actor.js';
import { contextWithoutRequest } from '#server/context.js';
import { checkDatabaseLine } from '#server/cli/checks.js';
import type { Config } from '#server/config.js';
import { HOUR } from '#server/lib/clock.js';
import { record } from '#server/trace/record.js';
import { gatehouse } from '../support/commands.js';
import { emptyInstallation, type Installation } from '../support/installation.js';
import { PASSWORD } from '../support/portal.js';
import { freePort } from '../support/process.js';

describe('The doctor', () => {
  let here: Installation;
  before(async () => {
    here = await emptyInstallation();
  });
  after(() => here.remove());

  const doctor = (settings: Record<string, string> = {}) =>
    gatehouse(['doctor'], here.folder, { ...here.settings, ...settings });

  it('changes nothing where there is nothing yet', async () => {
    const { stdout } = await doctor();
    assert.match(stdout, /^warn {2}files .* is not there yet/m);
    assert.deepEqual(readdirSync(here.folder), []);
  });

  it('names every setting that is wrong', async () => {
    const { code, stdout, stderr } = await doctor({ PORT: 'many', WORKERS: 'all' });
    assert.equal(code, 1);
    assert.match(stdout, /^FAIL {2}settings {2}PORT: .*\nFAIL {2}settings {2}WORKERS: .*\n$/);
    assert.equal(stderr, '2 checks failed.\n');
  });

  it('names what is set in vain, as a name is misspelt', async () => {
    const { stdout } = await doctor({ SMTP_URI: 'smtp://mail.example' });
    assert.match(
      stdout,
      /^warn {2}settings {2}SMTP_URI is set, and is no setting of Gatehouse\. Is SMTP_URL meant\?$/m,
    );
  });

  it('says the same to a program, and fails as loudly', async () => {
    const { code, stdout, stderr } = await gatehouse(['doctor', '--json'], here.folder, {
      ...here.settings,
      PORT: 'many',
    });
    assert.deepEqual([code, stderr], [1, 'One check failed.\n']);
    const [only, ...more] = JSON.parse(stdout) as { state: string; about: string; text: string }[];
    assert.deepEqual([only?.state, only?.about, more], ['FAIL', 'settings', []]);
    assert.match(only?.text ?? '', /^PORT: /);
  });

  it('finds a sound installation sound, in a line a check', async () => {
    const port = await freePort();
    const server = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS'] });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    await here.done('demo', '--password', PASSWORD);
    const { code, stdout, stderr } = await doctor({
      SMTP_URL: `smtp://127.0.0.1:${port}`,
      BASE_URL: 'https://portal.example',
      TRUST_PROXY: 'loopback',
    });
    await new Promise<void>((resolve) => server.close(() => resolve()));
    assert.deepEqual([code, stderr], [0, '']);
    const about = stdout
      .trimEnd()
      .split('\n')
      .map((line) => /^(?:ok|warn) +(\w+) {2,}\S/.exec(line)?.[1]);
    assert.deepEqual(about, [
      ...['settings', 'address', 'files', 'disk', 'database', 'keys', 'outbox', 'jobs', 'leases', 'clock', 'backup'],
      ...['versions', 'guards', 'mail'],
    ]);
    assert.match(stdout, /^ok +mail /m);
  });

  it('finds files that others can read, and a mail server that is not there', async () => {
    chmodSync(here.dataDir, 0o755);
    chmodSync(join(here.dataDir, 'secret.key'), 0o644);
    const { code, stdout } = await doctor({
      BASE_URL: 'https://portal.example',
      TRUST_PROXY: '1',
      SMTP_URL: `smtp://user:very-secret@127.0.0.1:${await freePort()}?requireTLS=false&tls.rejectUnauthorized=false`,
    });
    chmodSync(here.dataDir, 0o700);
    chmodSync(join(here.dataDir, 'secret.key'), 0o600);
    assert.equal(code, 1);
    assert.match(stdout, /^FAIL {2}files .*chmod 700/m);
    assert.match(stdout, /^FAIL {2}files .*secret\.key.*chmod 600/m);
    assert.match(stdout, /^FAIL {2}mail .*127\.0\.0\.1/m);
    assert.match(stdout, /^warn {2}mail .*requireTLS=false: mails, with links/m);
    assert.match(stdout, /^warn {2}mail .*tls\.rejectUnauthorized=false: its certificate/m);
    assert.doesNotMatch(stdout, /very-secret/);
  });

  it('finds a database that does not answer, is not up to date, or has lost its key', async () => {
    const empty = join(here.folder, 'empty');
    mkdirSync(empty, { mode: 0o700 });
    writeFileSync(join(empty, 'gatehouse.sqlite'), '', { mode: 0o600 });
    const SECRET_KEY = 'q1qAVOEmUIpJIHjkwjkjrn81DeMK6AUizKKxuV3xfEs=';
    const found = await Promise.all([
      doctor({ DATABASE_URL: 'postgres://somebody@127.0.0.1:9/none' }),
      doctor({ DATABASE_URL: '', DATA_DIR: empty, SECRET_KEY }),
      doctor({ DATABASE_URL: '', DATA_DIR: empty }),
    ]);
    const lines = found.map(({ stdout }) => /^FAIL {2}database {2}(.*)$/m.exec(stdout)?.[1] ?? '');
    assert.match(lines[0] ?? '', /cannot be opened: .*ECONNREFUSED/);
    assert.match(lines[1] ?? '', /migrations have not been run/);
    assert.match(lines[2] ?? '', /no secret key/);
    assert.deepEqual(
      found.map(({ code }) => code),
      [1, 1, 1],
    );
  });

  it('tells of a database over the network whose line anybody can read, or be at the other end of', async () => {
    const lines: Record<string, RegExp | null> = {
      'postgres://u@db.invalid/gatehouse': /to db\.invalid as plain text\. .*sslmode=verify-full/,
      'postgresql://u@10.0.0.7:5433/x?sslmode=disable': /plain text/,
      'postgres://u@[2001:db8::7]/x?application_name=a': /plain text/,
      'postgres://u@/x?host=db.invalid': /plain text/,
      'postgres://u@db.invalid/x?sslmode=no-verify': /certificate of db\.invalid is not looked at/,
      'postgres://u@db.invalid/x?sslmode=require&uselibpqcompat=true': /certificate/,
      'postgres://u@db.invalid/x?sslmode=verify-full': null,
      'postgres://u@db.invalid/x?ssl=true': null,
      'postgres://u@localhost/x': null,
      'postgres://u@127.0.0.1/x': null,
      'postgres://u@[::1]/x': null,
      'postgres://u@/x?host=/var/run/postgresql': null,
    };
    for (const [databaseUrl, told] of Object.entries(lines)) {
      const found = [...checkDatabaseLine({ databaseUrl } as Config)].map(({ state, text }) => `${state} ${text}`);
      if (told === null) assert.deepEqual(found, [], databaseUrl);
      else assert.match(found.join(), told, databaseUrl);
    }
    const { stdout } = await doctor({ DATABASE_URL: 'postgres://u:hidden@db.invalid/x' });
    assert.match(stdout, /^warn {2}database {2}What is kept crosses the network to db\.invalid/m);
    assert.doesNotMatch(stdout, /hidden/);
  });

  it('tells of people who used a code while the clock was ahead, whose codes are refused until then', async () => {
    await here.look(async () => {
      const user = await User.findOne({ where: { username: 'uma' }, rejectOnEmpty: true });
      const lastStep = Math.ceil((Date.now() + 2 * HOUR) / 30_000);
      await TotpSecret.create({
        tenantId: user.tenantId,
        userId: user.id,
        sealedSecret: 'x',
        lastStep,
        createdAt: 1,
        confirmedAt: 1,
      });
    });
    assert.match((await doctor()).stdout, /^warn {2}clock .*one person used a code of a time to come/m);
  });

  it('counts the passkeys that sleep, since the portal has another address now', async () => {
    await here.look(async () => {
      const { tenantId, id: userId } = await User.findOne({ where: { username: 'uma' }, rejectOnEmpty: true });
      const made = { rpId: 'portal.example', userHandle: 'x', publicKey: 'x', counter: 0, transports: '', aaguid: '' };
      const kind = { synced: true, backedUp: true, verified: true, signInAlone: true };
      for (const credentialId of ['one', 'two'])
        await Passkey.create({ ...made, ...kind, tenantId, userId, credentialId, name: credentialId, createdAt: 1 });
    });
    assert.match((await doctor()).stdout, /^warn {2}passkeys {2}2 passkeys sleep: made for another address/m);
    const own = await doctor({ BASE_URL: 'https://portal.example', TRUST_PROXY: '1' });
    assert.doesNotMatch(own.stdout, /passkeys sleep/);
  });

  it('counts whom the overview and the roles count, and says where somebody wrote past that', async () => {
    assert.doesNotMatch((await doctor()).stdout, /figures/);
    await here.look(({ database }) => database.sequelize.query('UPDATE user_counts SET people = people + 1'));
    assert.match((await doctor()).stdout, /^warn {2}figures {3}The overview counts other accounts than there are/m);
  });

  it('finds a clock that has gone back', async () => {
    await here.look(async (services) => {
      const { id } = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
      await record(
        { ...contextWithoutRequest(services, SYSTEM, 'job'), now: Date.now() + 2 * HOUR },
        { event: 'sign-out', tenantId: id },
      );
    });
    const { code, stdout } = await doctor();
    assert.equal(code, 1);
    assert.match(stdout, /^FAIL {2}clock .*120 minutes behind/m);
  });
});

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { User } from '#models/user.js';
import { PASSWORD } from '../support/portal.js';
import { freePort } from '../support/process.js';
import { keygen, type KeyPair } from '../support/ssh-keys.js';
import { Visitor } from '../support/visitor.js';
import { makeToken, servePortal, type ServedPortal } from './portal.js';
import { describeUnless, exampleWith, missing, pathTo, run, startUntilListening, type Running } from './programs.js';

const KEYS = '/security/ssh-keys';
const me = userInfo();

// sshd runs the command as the user whose keys are asked for, and takes no program that is not root's.
const reason =
  missing('sshd', 'ssh', 'ssh-keygen', 'curl') ??
  (me.uid === 0 ? null : 'sshd takes no AuthorizedKeysCommand that does not belong to root');

describeUnless(reason)('Signing in to a server with an SSH key of the Security page', function () {
  let portal: ServedPortal;
  let folder: string;
  let programs: string;
  let script: string;
  let sshPort: number;
  let sshd: Running;
  let owner: Visitor;
  let laptop: KeyPair;
  const ends: (() => unknown)[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-sshd-'));
    ends.push(() => rmSync(folder, { recursive: true, force: true }));
    // Every folder above the command must be root's and writable by nobody else, which those for temporary files are not.
    programs = mkdtempSync('/run/gatehouse-test-');
    chmodSync(programs, 0o755);
    ends.push(() => rmSync(programs, { recursive: true, force: true }));
    portal = await servePortal();
    ends.push(() => portal.close());
    const options = ['--name', 'Of this machine', '--email', 'me@acme.example', '--keep-password', '--password-stdin'];
    await portal.here.run(['user', 'create', 'acme/me', ...options], `${PASSWORD}\n`);
    // Who runs this may be root, as which the portal lets nobody be called.
    await portal.here.look(() =>
      User.update({ username: me.username, usernameKey: me.username }, { where: { usernameKey: 'me' } }),
    );
    owner = await portal.signIn(me.username);
    const { secret } = await makeToken(await portal.signIn('adam'), 'users:read');
    script = installCommand(secret);
    laptop = keygen(folder, 'laptop', '-t', 'ed25519');
    sshPort = await freePort();
    sshd = await startSshd();
    ends.push(() => sshd.stop());
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  function installCommand(token: string): string {
    const settings = join(programs, 'gatehouse-keys.conf');
    writeFileSync(
      settings,
      `GATEHOUSE_URL=${portal.server.url}\nGATEHOUSE_ORGANIZATION=acme\nGATEHOUSE_TOKEN=${token}\n`,
      { mode: 0o600 },
    );
    const file = join(programs, 'gatehouse-authorized-keys');
    writeFileSync(
      file,
      exampleWith('gatehouse-authorized-keys', { '/etc/gatehouse-keys.conf': settings, '-ge 1000': '-ge 0' }),
      {
        mode: 0o755,
      },
    );
    return file;
  }

  async function startSshd(): Promise<Running> {
    const host = keygen(folder, 'host', '-t', 'ed25519');
    const file = join(folder, 'sshd_config');
    const lines = [
      `Port ${sshPort}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${host.file}`,
      `PidFile ${folder}/sshd.pid`,
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'StrictModes no',
      'AuthorizedKeysFile none',
      `AuthorizedKeysCommand ${script} %u %f`,
      `AuthorizedKeysCommandUser ${me.username}`,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    if (!statSync('/run/sshd', { throwIfNoEntry: false })) run('mkdir', ['-m', '755', '/run/sshd']);
    return startUntilListening(pathTo('sshd') ?? '', ['-D', '-e', '-f', file], sshPort);
  }

  /** What comes of signing in with this key, and running a command. */
  function signIn({ file }: KeyPair): string {
    const options = [
      'IdentitiesOnly=yes',
      'BatchMode=yes',
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'ConnectTimeout=10',
    ];
    const args = [
      '-F',
      'none',
      '-i',
      file,
      '-p',
      String(sshPort),
      ...options.flatMap((option) => ['-o', option]),
      `${me.username}@127.0.0.1`,
      'echo',
      'let in',
    ];
    const { status, stdout, stderr } = run(pathTo('ssh') ?? '', args);
    return status === 0
      ? stdout.trim()
      : (/Permission denied/.exec(stderr)?.[0] ?? `${status}: ${stderr}\n${sshd.output()}`);
  }

  async function add(publicKey: string, fields: Record<string, string> = {}): Promise<void> {
    const answer = await owner.submit(KEYS, { name: 'Laptop', publicKey, ...fields });
    assert.equal(answer.status, 303, answer.text);
  }

  it('is refused while the key has not been added', () => {
    assert.equal(signIn(laptop), 'Permission denied');
  });

  for (const [name, ...options] of [
    ['ed25519', '-t', 'ed25519'],
    ['ecdsa', '-t', 'ecdsa', '-b', '384'],
    ['rsa', '-t', 'rsa', '-b', '2048'],
  ] as [string, ...string[]][]) {
    it(`works as soon as it has been (${name}), for that key and no other`, async () => {
      const pair = keygen(folder, name, ...options);
      await add(pair.publicKey);
      assert.equal(signIn(pair), 'let in');
      assert.equal(signIn(laptop), 'Permission denied');
    });
  }

  it('shows on the page when a server asked for the key', async () => {
    await add(laptop.publicKey);
    assert.equal(signIn(laptop), 'let in');
    assert.match((await owner.get(KEYS)).text, /just now/);
  });

  it('is refused at the next try once the key has been removed', async () => {
    assert.equal(signIn(laptop), 'let in');
    const { text, csrf } = await owner.get(KEYS);
    const ids = [...text.matchAll(/href="(\/security\/ssh-keys\/[0-9a-f-]{36}\/removal)"/g)].map(
      ([, path]) => path ?? '',
    );
    assert.ok(ids.length > 0);
    for (const path of ids) assert.equal((await owner.post(path, { _csrf: csrf })).status, 303);
    assert.equal(signIn(laptop), 'Permission denied');
  });

  it('is refused once the key has expired', async () => {
    await add(laptop.publicKey, { expiresOn: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10) });
    assert.equal(signIn(laptop), 'let in');
    await portal.here.look(async ({ database }) => {
      await database.sequelize.query('UPDATE ssh_keys SET expires_at = $1', { bind: [Date.now() - 1000] });
    });
    assert.equal(signIn(laptop), 'Permission denied');
  });

  it('is refused while the user is disabled in the portal, and when nobody answers there', async () => {
    const other = keygen(folder, 'other', '-t', 'ed25519');
    await add(other.publicKey);
    assert.equal(signIn(other), 'let in');
    await portal.here.done('user', 'disable', `acme/${me.username}`);
    assert.equal(signIn(other), 'Permission denied');
    await portal.server.stop();
    assert.equal(signIn(other), 'Permission denied');
  });

  it('gives the command no way to reach anything else: odd names are asked of nobody', () => {
    for (const name of ['', '..', '../users', 'a/b', 'a?b', '%2e%2e', 'a b', '-o/tmp/x', '.hidden', 'a\nb']) {
      const { status, stdout } = run('sh', [script, name, 'SHA256:x']);
      assert.deepEqual([stdout, status], ['', 0], name);
    }
  });
});

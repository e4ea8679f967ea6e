import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { emptyInstallation, type Installation } from '../support/installation.js';
import { PASSWORD } from '../support/portal.js';

interface Printed {
  password: string;
  users: { organization: string; username: string; role: string; id: string }[];
}

describe('The command line, on a machine that has nothing yet', () => {
  let here: Installation;
  before(async () => {
    here = await emptyInstallation();
  });
  after(() => here.remove());

  it('says what to do first, and leaves nothing behind', async () => {
    const refused = await Promise.all([
      here.run(['user', 'list', 'acme']),
      here.run(['log', 'verify']),
      here.run(['tenant', 'list']),
    ]);
    for (const { code, stdout, stderr } of refused) {
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.match(stderr, /^There is no (database|secret key) in .*\n$/);
    }
    assert.deepEqual(readdirSync(here.folder), []);
  });

  it('is made by one of two that start at the same moment, and found made by the other', async () => {
    const both = await Promise.all([here.run(['migrate']), here.run(['migrate'])]);
    assert.deepEqual(
      both.map(({ code, stderr }) => [code, stderr]),
      [
        [0, ''],
        [0, ''],
      ],
    );
    assert.match(both.map(({ stdout }) => stdout).sort().join(''), /^Ran 0001-.*\nThe database is up to date\.\n$/); // prettier-ignore
  });

  it('makes the demonstration, and prints its password and people alone as JSON', async () => {
    const { code, stdout } = await here.run([
      'demo',
      '--json',
      '--password',
      PASSWORD,
      '--users',
      '3',
      '--events',
      '7',
    ]);
    assert.equal(code, 0);
    const { password, users, ...nothingElse } = JSON.parse(stdout) as Printed;
    assert.deepEqual(nothingElse, {});
    assert.equal(password, PASSWORD);
    assert.deepEqual(
      users.map(({ organization, username, role }) => `${organization}/${username} ${role}`),
      [
        'acme/olivia Owner', 'acme/adam Admin', 'acme/audrey Auditor', 'acme/uma User', 'acme/umar User', 'acme/robo User',
        'globex/oscar Owner', 'globex/gary Admin', 'globex/gina User', 'platform/opal Operator',
      ],
    ); // prettier-ignore
    for (const { id } of users) assert.match(id, /^[0-9a-f-]{36}$/);

    const listed = JSON.parse(await here.done('user', 'list', 'acme', '--json')) as {
      username: string;
      status: string;
      roles: string[];
    }[];
    assert.equal(listed.length, 6 + 40 + 3);
    const of = (status: string): number => listed.filter((one) => one.status === status).length;
    assert.ok(of('invited') >= 2 && of('disabled') >= 2, 'a crowd of all states stands beside them');
    assert.match(await here.done('log', 'verify', 'acme'), /intact, 14\d\d rows/);
    assert.deepEqual(listed.find(({ username }) => username === 'audrey')?.roles, ['Auditor']);
  });

  it('gives the people of the demonstration tokens that work, each bound to a role that its owner has', async () => {
    const [, ...lines] = (await here.done('token', 'export', 'acme')).trim().split('\r\n');
    assert.ok(lines.length >= 8);
    assert.deepEqual(
      lines.filter((line) => !/,(active|expiring)$/.test(line)),
      [],
    );
  });

  it('keeps data and key to their owner', () => {
    const modeOf = (file: string): number => statSync(file).mode & 0o777;
    assert.equal(modeOf(here.dataDir), 0o700);
    assert.equal(modeOf(join(here.dataDir, 'secret.key')), 0o600);
    if (existsSync(join(here.dataDir, 'gatehouse.sqlite')))
      assert.equal(modeOf(join(here.dataDir, 'gatehouse.sqlite')), 0o600);
  });

  it('refuses a second demonstration in one line', async () => {
    const { code, stdout, stderr } = await here.run(['demo', '--force']);
    assert.deepEqual(
      { code, stdout, stderr },
      { code: 1, stdout: '', stderr: 'The demonstration is there already.\n' },
    );
  });

  it('refuses a password that no organisation could allow, in one line, and makes nothing', async () => {
    const another = await emptyInstallation();
    try {
      const { code, stdout, stderr } = await another.run(['demo', '--password', 'short']);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /^password: .*8 characters.*\n$/);
      assert.equal((JSON.parse(await another.done('tenant', 'list', '--json')) as unknown[]).length, 0);
    } finally {
      another.remove();
    }
  });

  it('makes a password where none is given', async () => {
    const another = await emptyInstallation();
    try {
      const { password } = JSON.parse(await another.done('demo', '--json')) as Printed;
      assert.ok(password.length >= 20);
    } finally {
      another.remove();
    }
  });

  it('answers to each name that its help gives', async () => {
    const { stdout } = await here.run(['--help']);
    const names = [...stdout.slice(stdout.indexOf('Commands:')).matchAll(/^ {2}([a-z]+)/gm)].map(
      ([, name = '']) => name,
    );
    assert.ok(names.length >= 14);
    const helps = await Promise.all(names.filter((name) => name !== 'help').map((name) => here.run([name, '--help'])));
    for (const [at, { code, stdout: said }] of helps.entries()) {
      assert.equal(code, 0);
      assert.match(said, new RegExp(`^Usage: gatehouse ${names[at]}\\b`));
    }
    assert.match((await here.run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  });

  it('explains itself, and tells wrong usage from a refusal', async () => {
    const [help, nothing, unknown, option, number, address] = await Promise.all(
      [['--help'], [], ['dance'], ['demo', '--louder'], ['demo', '--users', 'many'], ['user', 'unlock', 'uma']].map(
        (args) => here.run(args),
      ),
    );
    assert.equal(help?.code, 0);
    assert.match(help.stdout, /migrate.*demo.*operator.*tenant.*user.*log.*doctor/s);
    for (const wrong of [nothing, unknown, option, number, address]) {
      assert.equal(wrong?.code, 2);
      assert.equal(wrong.stdout, '');
      assert.doesNotMatch(wrong.stderr, /\n {4}at /);
    }
  });
});

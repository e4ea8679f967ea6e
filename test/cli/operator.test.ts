import assert from 'node:assert/strict';
import { SetupCode } from '#models/setup-code.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { emptyInstallation, type Installation } from '../support/installation.js';
import { PASSWORD } from '../support/portal.js';

const OPAL = ['operator', 'create', '--username', 'opal', '--name', 'Opal Osei', '--email', 'opal@platform.example'];

describe('Operators, from the command line', () => {
  let here: Installation;
  before(async () => {
    here = await emptyInstallation();
  });
  after(() => here.remove());

  it('are refused a weak password, a missing one and a malformed address, and nothing is made', async () => {
    const { code: usage, stderr: said } = await here.run(OPAL);
    assert.deepEqual([usage, said], [2, 'error: give a password, with --password-stdin or --password\n']);
    const refused = await Promise.all([
      here.run([...OPAL, '--password', 'opal-platform']),
      here.run([...OPAL, '--email', 'opal', '--password', PASSWORD]),
    ]);
    for (const { code, stderr } of refused) {
      assert.equal(code, 1);
      assert.match(stderr, /^(password|email): [^\n]+\n$/);
    }
    await here.done('migrate');
    await here.look(async () => {
      assert.equal(await Tenant.count(), 0);
      assert.equal(await SetupCode.count(), 0);
    });
  });

  it('are made with the platform itself, and then beside one another', async () => {
    const first = await here.run([...OPAL, '--password-stdin'], `${PASSWORD}\n`);
    assert.deepEqual([first.code, first.stdout], [0, 'platform/opal can sign in now.\n']);
    await here.done(
      'operator',
      'create',
      '--username',
      'otto',
      '--name',
      'Otto',
      '--email',
      'otto@platform.example',
      '--password',
      PASSWORD,
    );
    const again = await here.run([...OPAL, '--password', PASSWORD]);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /^username: Another user [^\n]*\n$/);
    await here.look(async ({ passwords }) => {
      assert.deepEqual(
        (await Tenant.findAll()).map(({ slug }) => slug),
        ['platform'],
      );
      const users = await User.findAll({ include: 'roles', order: [['username', 'ASC']] });
      assert.deepEqual(
        users.map(({ username, roles }) => `${username} ${roles?.map(({ name }) => name).join() ?? ''}`),
        ['opal Operator', 'otto Operator'],
      );
      assert.ok(await passwords.verify(users[0]?.passwordHash ?? null, PASSWORD));
    });
  });
});

import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { SecurityEvent } from '#models/security-event.js';
import { User } from '#models/user.js';
import { demonstration, type Installation } from '../support/installation.js';

interface Line {
  name: string;
  key: string | null;
  holders: number;
  permissions: string[];
  readOnly: boolean;
}

describe('The roles of an organisation, from the command line', () => {
  let here: Installation;
  before(async () => {
    here = await demonstration();
  });
  after(() => here.remove());

  const list = async () => JSON.parse(await here.done('role', 'list', 'globex', '--json')) as Line[];
  const role = async (name: string) => (await list()).find((one) => one.name === name);
  const events = () => here.look(() => SecurityEvent.findAll({ where: { event: EVENTS }, order: ['seq'] }));
  const give = (...args: string[]) => here.done('user', 'bulk', 'globex', 'give-role', ...args);

  it('are listed, the factory’s first, with how many hold each', async () => {
    assert.match(await here.done('role', 'list', 'globex'), /^NAME +HOLDERS .*\nOwner +1 /);
    assert.deepEqual(
      (await list()).map(({ key, holders }) => [key, holders]),
      [
        ['owner', 1],
        ['admin', 1],
        ['auditor', 0],
        ['user', 1],
      ],
    );
  });

  it('are made with what they grant, and the log says by the command line', async () => {
    const made = ['Helpdesk', '--description', 'Opens locks', '--permission', 'users:read', 'users:write'];
    await here.done('role', 'create', 'globex', ...made, '--requires-two-factor');
    const { permissions, holders, readOnly } = (await role('Helpdesk'))!;
    assert.deepEqual([permissions, holders, readOnly], [['users:read', 'users:write'], 0, false]);
    const told = (await events()).at(-1);
    assert.deepEqual([told?.event, told?.door, told?.actorId], ['role.created', 'cli', null]);
  });

  it('are changed once it is told who gains and who loses what, by name', async () => {
    await give('--user', 'gina', '--role', 'Helpdesk');
    const change = ['role', 'change', 'globex', 'helpdesk', '--grant', 'log:read', '--withdraw', 'users:write'];
    const before = await list();
    const told = await here.done(...change, '--dry-run');
    assert.equal(told, 'One person (gina) gains log:read and loses users:write.\n');
    assert.deepEqual(await list(), before, 'a dry run changes nothing');
    assert.equal(await here.done(...change, '--read-only', '--name', 'Watchers'), `${READ_ONLY}Watchers is changed.\n`);
    const after = await role('Watchers');
    assert.deepEqual([after?.permissions, after?.readOnly], [['log:read', 'users:read'], true]);
    assert.equal(
      await here.done('role', 'change', 'globex', 'Watchers', '--description', 'Who watches', '--dry-run'),
      'Nobody could do more or less by it.\n',
    );
    await here.done('role', 'change', 'globex', 'Watchers', '--no-read-only', '--permission', 'users:read');
    const now = await role('Watchers');
    assert.deepEqual([now?.permissions, now?.readOnly], [['users:read'], false]);
    assert.match(
      await here.done('role', 'change', 'globex', 'User', '--requires-two-factor'),
      /^One person \(gina\) must set up two-factor authentication\.\nUser is changed\.\n$/,
    );
  });

  it('are removed, and whoever holds one gets another', async () => {
    const refused = await here.run(['role', 'remove', 'globex', 'Watchers']);
    assert.deepEqual([refused.code, /still has this role/.test(refused.stderr)], [1, true]);
    await here.done('role', 'remove', 'globex', 'Watchers', '--replacement', 'Auditor');
    assert.equal(await role('Watchers'), undefined);
    const gina = await here.look(() => User.findOne({ where: { username: 'gina' }, include: 'roles' }));
    assert.deepEqual(gina?.roles?.map(({ name }) => name).sort(), ['Auditor', 'User']);
    assert.equal((await events()).at(-1)?.event, 'role.removed');
  });

  it('stay as they are where something of what was given is wrong', async () => {
    const before = [await list(), (await events()).length];
    const trials: [string[], number, RegExp][] = [
      [['create', 'globex', 'Auditor'], 1, /^name: Another role of this organisation has this name/],
      [['create', 'globex', 'New', '--permission', 'users:read', 'users:fly'], 1, /^permissions\.1: [^\n]+\n$/],
      [['create', 'globex', 'New', '--permission', 'tenants:write'], 1, /^permissions\.0: [^\n]+\n$/],
      [['create', 'globex', ''], 1, /^name: [^\n]+\n$/],
      [['create', 'globex'], 2, /missing required argument/],
      [['change', 'globex', 'Auditor'], 2, /say what to change/],
      [['change', 'globex', 'Auditor', '--permission', 'users:read', '--grant', 'log:read'], 2, /--permission, or/],
      [
        ['change', 'globex', 'Auditor', '--requires-two-factor', '--grant', 'users:write'],
        1,
        /^Of a factory role only/,
      ],
      [['change', 'globex', 'Nobody', '--read-only'], 1, /^role: There is no role Nobody\. There are Admin, /],
      [['remove', 'globex', 'Auditor'], 1, /cannot be removed/],
      [['remove', 'globex', 'User', '--replacement', 'Nobody'], 1, /^replacement: There is no role Nobody/],
      [['list', 'initech'], 1, /^There is no organisation initech/],
    ];
    for (const [args, code, told] of trials) {
      const ended = await here.run(['role', ...args]);
      assert.equal(ended.code, code, `${args.join(' ')}: ${ended.stderr}`);
      assert.match(ended.stderr, told);
    }
    assert.deepEqual([await list(), (await events()).length], before);
    assert.equal(await here.look(() => Role.count({ where: { name: 'New' } })), 0);
  });
});

const EVENTS = ['role.created', 'role.changed', 'role.removed'];
const READ_ONLY = 'One person (gina) gains log:read and loses tokens:create, users:write.\n';

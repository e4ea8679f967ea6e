import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Op } from 'sequelize';
import { OutboxMessage } from '#models/outbox-message.js';
import { SecurityEvent } from '#models/security-event.js';
import { UserJob } from '#models/user-job.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { DAY } from '#server/lib/clock.js';
import { demonstration, type Installation } from '../support/installation.js';

interface Line {
  row: number;
  username: string;
  state: string;
  reason: string | null;
  becomes: string[];
}

const HALF_WRONG = 'username,name,email,roles\nnoor,Noor,noor@acme.example,User\nnils,Nils,nils@acme.example,Emperor\n';

describe('Many users at once, from the command line', () => {
  let here: Installation;
  before(async () => {
    here = await demonstration();
  });
  after(() => here.remove());

  const lines = (json: string): Line[] => JSON.parse(json) as Line[];
  const sheet = (text: string, name = 'people.csv'): string => {
    const file = join(here.folder, name);
    writeFileSync(file, text);
    return file;
  };
  /** What there is of the accounts of acme, and of what was done to them: nothing of it moves where nothing is done. */
  const everything = () =>
    here.look(async () => {
      const { id: tenantId } = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
      const users = await User.findAll({ where: { tenantId }, order: ['id'], include: 'roles' });
      return {
        users: users.map(({ username, name, email, status, epoch, roles }) => ({
          ...{ username, name, email, status, epoch },
          roles: roles?.map((role) => role.name).sort(),
        })),
        events: await SecurityEvent.count({ where: { tenantId } }),
        mails: await OutboxMessage.count({ where: { tenantId } }),
        running: await UserJob.count({ where: { tenantId, state: { [Op.in]: ['preview', 'running'] } } }),
      };
    });
  const stateOf = async (username: string) =>
    (await everything()).users.find((one) => one.username === username)?.status;

  it('are told first by a dry run, which does nothing and leaves nothing behind', async () => {
    const before = await everything();
    const file = sheet('username,name,email\nnina,Nina,nina@acme.example\numa,Uma N.,\n');
    const told = lines(await here.done('user', 'bulk', 'acme', 'disable', '--all', '--dry-run', '--json'));
    assert.equal(told.length, before.users.length);
    assert.deepEqual(
      told.filter(({ state }) => state === 'left-out').map(({ username, reason }) => [username, reason]),
      [['olivia', 'This is the last active owner.']],
    );
    const rows = lines(await here.done('user', 'import', 'acme', file, '--dry-run', '--json'));
    assert.deepEqual(
      rows.map(({ row, username, state, becomes }) => [row, username, state, becomes]),
      [
        [2, 'nina', 'waiting', ['New person: User']],
        [3, 'uma', 'waiting', ['name: Uma Ndiaye → Uma N.']],
      ],
    );
    assert.deepEqual(await everything(), before);
  });

  it('are changed as on their own pages: the rule, the row of the log, and who did it', async () => {
    const { stdout, code } = await here.run([
      ...['user', 'bulk', 'acme', 'disable', '--user', 'umar', 'olivia', '--reason', 'The summer is over'],
    ]);
    assert.equal(code, 0);
    assert.match(stdout, /olivia .*left out +This is the last active owner\.\n1 done, 1 left out\.\n$/);
    assert.equal(await stateOf('umar'), 'disabled');
    await here.look(async () => {
      const umar = await User.findOne({ where: { username: 'umar' }, rejectOnEmpty: true });
      const rows = await SecurityEvent.findAll({ where: { event: 'user.disabled', targetId: umar.id } });
      assert.deepEqual(
        rows.map(({ door, actorId }) => [door, actorId]),
        [['cli', null]],
      );
      const begun = await SecurityEvent.findOne({ where: { event: 'user-job.begun' }, rejectOnEmpty: true });
      assert.equal(begun.door, 'cli');
      assert.match(begun.details, /The summer is over/);
      assert.equal(await SecurityEvent.count({ where: { event: 'user-job.done' } }), 1);
    });
    await here.done('user', 'bulk', 'acme', 'enable', '--status', 'disabled', '--search', 'umar');
    assert.equal(await stateOf('umar'), 'active');
    const given = lines(
      await here.done('user', 'bulk', 'globex', 'give-role', '--holding', 'user', '--role', 'auditor', '--json'),
    );
    assert.deepEqual(
      given.map(({ username, state }) => [username, state]),
      [['gina', 'done']],
    );
  });

  it('are found by every filter of the list', async () => {
    const past = Date.now() - 91 * DAY;
    await here.look(async () => {
      await User.update({ twoFactor: 'active', createdAt: past }, { where: { username: 'gina' } });
      await User.update({ lockedUntil: Date.now() + DAY }, { where: { username: 'gary' } });
      await User.update({ kind: 'service' }, { where: { username: 'oscar' } });
    });
    const filters: [string[], string[]][] = [
      [['--kind', 'service'], ['oscar']],
      [['--status', 'invited'], []],
      [['--holding', 'admin'], ['gary']],
      [
        ['--two-factor', 'disabled'],
        ['gary', 'oscar'],
      ],
      [['--passkey', 'yes'], []],
      [['--locked'], ['gary']],
      [['--stale'], ['gina']],
      [['--status', 'active', '--passkey', 'no', '--search', 'gin'], ['gina']],
    ];
    for (const [filter, found] of filters) {
      const about = filter.join(' ');
      const bulk = ['user', 'bulk', 'globex', 'mark-outdated', ...filter, '--dry-run', '--json'];
      const { code, stdout, stderr } = await here.run(bulk);
      if (found.length === 0) assert.deepEqual([code, /Nobody is chosen/.test(stderr)], [1, true], about);
      else
        assert.deepEqual(
          lines(stdout)
            .map(({ username }) => username)
            .sort(),
          found,
          about,
        );
    }
    const csv = await here.done('user', 'export', 'globex', '--locked', '--holding', 'Admin');
    assert.match(csv, /^username[^\n]+\ngary,[^\n]+\n$/);
  });

  it('are added and changed by a file, each row once, with their mails', async () => {
    const file = sheet('username;name;email;roles\r\nnina;Nina Noë;nina@acme.example;User|Auditor\r\numa;Uma N.;;\r\n');
    assert.match(await here.done('user', 'import', 'acme', file), /with semicolons.*\n2 done\.\n$/);
    const { users } = await everything();
    const nina = users.find(({ username }) => username === 'nina');
    assert.deepEqual([nina?.status, nina?.roles], ['invited', ['Auditor', 'User']]);
    assert.equal(users.find(({ username }) => username === 'uma')?.name, 'Uma N.');
    assert.match(await here.done('user', 'import', 'acme', file), /2 nothing to do\.\n$/);
    const invitations = await here.look(() =>
      OutboxMessage.count({ where: { event: 'invitation', recipient: 'nina@acme.example' } }),
    );
    assert.equal(invitations, 1);
  });

  it('are exported as a file that changes nothing when it is imported again', async () => {
    const csv = await here.done('user', 'export', 'acme');
    assert.match(csv, /^username,name,email,roles,status,kind\r\n/);
    const rows = lines(await here.done('user', 'import', 'acme', sheet(csv), '--json'));
    assert.equal(rows.length, (await everything()).users.length);
    assert.deepEqual([...new Set(rows.map(({ state }) => state))], ['unchanged']);
    const exported = await here.look(() => SecurityEvent.findOne({ where: { event: 'users.exported' } }));
    assert.equal(exported?.door, 'cli');
  });

  it('are left as they are where half of what was given is wrong', async () => {
    const before = await everything();
    const file = sheet(HALF_WRONG);
    const trials: [string[], number, RegExp][] = [
      [
        ['bulk', 'acme', 'disable', '--user', 'uma', 'nobody'],
        1,
        /^There is no user nobody in acme\. Nothing was done\.\n$/,
      ],
      [['bulk', 'acme', 'disable'], 2, /say whom/],
      [['bulk', 'acme', 'disable', '--all', '--stale'], 2, /say whom/],
      [['bulk', 'acme', 'disable', '--status', 'sleepy'], 2, /Allowed choices/],
      [['bulk', 'acme', 'banish', '--all'], 2, /Allowed choices/],
      [['bulk', 'acme', 'give-role', '--user', 'uma'], 2, /say which role/],
      [['bulk', 'acme', 'disable', '--user', 'uma', '--role', 'User'], 2, /give-role/],
      [
        ['bulk', 'acme', 'give-role', '--user', 'uma', '--role', 'Emperor'],
        1,
        /^role: There is no role Emperor\. There are Admin, /,
      ],
      [['bulk', 'acme', 'disable', '--holding', 'Emperor'], 1, /^holding: There is no role Emperor/],
      [['bulk', 'acme', 'disable', '--user', 'uma', '--reason', 'x'.repeat(301)], 1, /^reason: [^\n]+\n$/],
      [['bulk', 'initech', 'disable', '--all'], 1, /^There is no organisation initech/],
      [['import', 'acme', file], 1, /^One row cannot be done, so nothing was\.[^\n]*\n$/],
      [['import', 'acme', sheet('', 'empty.csv')], 1, /^file: [^\n]+\n$/],
      [['import', 'acme', join(here.folder, 'nowhere.csv')], 1, /cannot be read: ENOENT\.\n$/],
      [['export', 'acme', '--search', 'x'.repeat(101)], 1, /^q: [^\n]+\n$/],
    ];
    for (const [args, code, told] of trials) {
      const ended = await here.run(['user', ...args]);
      assert.equal(ended.code, code, `${args.join(' ')}: ${ended.stderr}`);
      assert.match(ended.stderr, told);
    }
    assert.deepEqual(await everything(), before);
  });

  it('are done as far as can be where whoever asks says so', async () => {
    const file = sheet(HALF_WRONG);
    const told = await here.done('user', 'import', 'acme', file, '--skip-refused');
    assert.match(told, /nils +Nils +refused +roles: There is no role “Emperor” here\.\s*\n1 done, 1 refused\.\n$/);
    assert.equal(await stateOf('noor'), 'invited');
  });
});

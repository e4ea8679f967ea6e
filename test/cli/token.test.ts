import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { SecurityEvent } from '#models/security-event.js';
import { SshKey } from '#models/ssh-key.js';
import { User } from '#models/user.js';
import { DAY } from '#server/lib/clock.js';
import { rowsIn } from '../support/csv.js';
import { demonstration, type Installation } from '../support/installation.js';

interface Line {
  id: string;
  name: string;
  kind: string;
  owner: string;
}

describe('What lets programs in, from the command line', () => {
  let here: Installation;
  before(async () => {
    here = await demonstration();
    await here.look(async () => {
      const now = Date.now();
      for (const [username, name, more] of [
        ['gina', 'Nightly backup', { lastUsedAt: now }],
        ['gina', 'Old reports', { createdAt: now - 91 * DAY, allowedIps: '10.0.0.0/8' }],
        ['gary', 'Deploy', { expiresAt: null, months: null, kind: 'key' }],
      ] as const) {
        const user = await User.findOne({ where: { username }, include: 'roles', rejectOnEmpty: true });
        const { id: userId, tenantId } = user;
        const given = {
          tenantId,
          userId,
          kind: 'token' as const,
          name,
          roleId: user.roles?.[0]?.id ?? null,
          months: 12,
        };
        await ApiCredential.create({ ...given, createdAt: now, expiresAt: now + 90 * DAY, ...more });
      }
      const { id: userId, tenantId } = await User.findOne({ where: { username: 'gary' }, rejectOnEmpty: true });
      const key = { tenantId, userId, name: 'Laptop', type: 'ssh-ed25519', bits: 256, blob: '', comment: '' };
      await SshKey.create({ ...key, fingerprint: 'SHA256:a', createdAt: now });
    });
  });
  after(() => here.remove());

  const list = async (...args: string[]) => JSON.parse(await here.done('token', 'list', ...args, '--json')) as Line[];
  const names = async (...args: string[]) => (await list(...args)).map(({ name }) => name).sort();
  const idOf = async (name: string) => (await list('globex')).find((one) => one.name === name)?.id ?? '';

  it('is listed, of an organisation or of one account, by every filter of the list', async () => {
    assert.deepEqual(await names('globex'), ['Deploy', 'Laptop', 'Nightly backup', 'Old reports']);
    assert.deepEqual(await names('globex/gina'), ['Nightly backup', 'Old reports']);
    const filters: [string[], string[]][] = [
      [['--kind', 'ssh-key'], ['Laptop']],
      [['--search', 'backup'], ['Nightly backup']],
      [['--api', '--without-end'], ['Deploy']],
      [['--unused'], ['Old reports']],
      [['--expiring'], []],
      [['--over-policy'], []],
      [['--every-address', '--search', 'gina'], ['Nightly backup']],
    ];
    for (const [filter, found] of filters) assert.deepEqual(await names('globex', ...filter), found, filter.join(' '));
    assert.match(
      await here.done('token', 'list', 'globex/gina'),
      /^ID +KIND +NAME .*\n\S+ +token +\w+ \w+ +gina +active/,
    );
    const { roleId } = await here.look(() =>
      ApiCredential.findOne({ where: { name: 'Old reports' }, rejectOnEmpty: true }),
    );
    const bind = (to: string | null) =>
      here.look(() => ApiCredential.update({ roleId: to }, { where: { name: 'Old reports' } }));
    await bind(null);
    assert.match(await here.done('token', 'list', 'globex', '--unused'), /Old reports +gina +role lost/);
    await bind(roleId);
  });

  it('is printed as a file, all of it or what the filters find, and the log has that it was taken', async () => {
    const file = async (...args: string[]) =>
      rowsIn(await here.done('token', 'export', ...args))
        .map(({ name }) => name)
        .sort();
    assert.deepEqual(await file('globex'), ['Deploy', 'Laptop', 'Nightly backup', 'Old reports']);
    assert.deepEqual(await file('globex/gina', '--unused'), ['Old reports']);
    const taken = await here.look(() => SecurityEvent.findAll({ where: { event: 'api-credentials.exported' } }));
    assert.deepEqual(
      taken.map(({ door, actorId }) => [door, actorId]),
      [
        ['cli', null],
        ['cli', null],
      ],
    );
    assert.equal((await here.run(['token', 'export', 'globex', '--kind', 'paper'])).code, 2);
  });

  it('stays where something of what was given is wrong, and on a dry run', async () => {
    const before = await list('globex');
    const [backup, deploy] = [await idOf('Nightly backup'), await idOf('Deploy')];
    assert.match(
      await here.done('token', 'revoke', 'globex', '--unused', '--dry-run'),
      /Old reports.*\n1 would be revoked\.\n$/,
    );
    const trials: [string[], number, RegExp][] = [
      [['revoke', 'globex'], 2, /say which/],
      [['revoke', 'globex', backup, '--all'], 2, /say which/],
      [['revoke', 'globex', '--kind', 'paper'], 2, /Allowed choices/],
      // No day in March is meant by that.
      [['shorten', 'globex', '--all', '--until', '2099-02-30'], 2, /It must be a day/],
      [
        ['revoke', 'globex', backup, 'nothing'],
        1,
        /^id: There is no such credential that works: nothing\. Nothing was done/,
      ],
      [['revoke', 'globex/gina', backup, deploy], 1, /^id: There is no such credential/],
      [['revoke', 'acme', backup], 1, /^id: There is no such credential/],
      [['revoke', 'globex/nobody', '--all'], 1, /^There is no user nobody in globex/],
    ];
    for (const [args, code, told] of trials) {
      const ended = await here.run(['token', ...args]);
      assert.equal(ended.code, code, `${args.join(' ')}: ${ended.stderr}`);
      assert.match(ended.stderr, told);
    }
    assert.deepEqual(await list('globex'), before);
  });

  it('ends sooner, by a day or as the policy has it, and its owner is told', async () => {
    const until = new Date(Date.now() + 30 * DAY).toISOString().slice(0, 10);
    const shorten = ['token', 'shorten', 'globex/gina', '--all', '--until', until];
    assert.match(await here.done(...shorten, '--dry-run'), /\n2 would end sooner; 0 left out\.\n$/);
    assert.match(await here.done(...shorten), /\n2 now end sooner; 0 left out\.\n$/);
    assert.match(await here.done(...shorten), /it ends by then anyway\n0 now end sooner; 2 left out\.\n$/);
    const past = await here.run(['token', 'shorten', 'globex', '--all', '--until', '2020-01-01']);
    assert.deepEqual([past.code, /^until: That day is over/.test(past.stderr)], [1, true]);
    assert.equal((await here.run(['token', 'shorten', 'globex', '--all', '--until', 'soon'])).code, 2);
    await here.look(async () => {
      const ends = Date.parse(`${until}T23:59:59.999Z`);
      const gina = await User.findOne({ where: { username: 'gina' }, rejectOnEmpty: true });
      assert.equal(await ApiCredential.count({ where: { userId: gina.id, expiresAt: ends } }), 2);
      assert.equal(await SecurityEvent.count({ where: { event: 'api-credential.shortened', door: 'cli' } }), 2);
      assert.equal(await OutboxMessage.count({ where: { event: 'credential-shortened', userId: gina.id } }), 1);
    });
  });

  it('is revoked, as on the page: the row of the log, the mail to its owner', async () => {
    assert.equal(await here.done('token', 'revoke', 'globex', await idOf('Nightly backup')), 'One is revoked.\n');
    await here.done('token', 'revoke', 'globex/gary', '--all');
    assert.deepEqual(await names('globex'), ['Old reports']);
    await here.done('token', 'revoke', 'globex', '--unused');
    assert.deepEqual(await names('globex'), []);
    await here.look(async () => {
      const rows = await SecurityEvent.findAll({ where: { event: 'api-credential.revoked' } });
      assert.deepEqual(
        rows.map(({ door, actorId }) => [door, actorId]),
        Array.from({ length: 3 }, () => ['cli', null]),
      );
      assert.equal(await OutboxMessage.count({ where: { event: 'credential-revoked' } }), 3);
    });
  });
});

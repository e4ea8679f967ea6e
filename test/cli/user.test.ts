import assert from 'node:assert/strict';
import { OutboxMessage } from '#models/outbox-message.js';
import { AccessPass } from '#models/access-pass.js';
import { SecurityEvent } from '#models/security-event.js';
import { lookAtThrottle, punishThrottle } from '#models/throttle.js';
import { Tenant } from '#models/tenant.js';
import { TotpSecret } from '#models/totp-secret.js';
import { User } from '#models/user.js';
import { COMMAND_LINE, type Actor } from '#policies/actor.js';
import { TENANT_PERMISSIONS } from '#policies/permissions.js';
import { contextWithoutRequest } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { inContext } from '#server/identity/tenant.js';
import { hashOfPass } from '#server/identity/make-pass.js';
import { assignPassword } from '#server/features/users/assign-password.js';
import { detailsWithPersons } from '#server/trace/personal.js';
import { demonstration, type Installation } from '../support/installation.js';
import { PASSWORD } from '../support/portal.js';

const ANOTHER = 'quiet-lantern-meadow-57';

describe('The users of an organisation, from the command line', () => {
  let here: Installation;
  before(async () => {
    here = await demonstration();
  });
  after(() => here.remove());

  const userOf = async (slug: string, username: string): Promise<User> => {
    const tenant = await Tenant.findOne({ where: { slug }, rejectOnEmpty: true });
    return User.findOne({ where: { tenantId: tenant.id, username }, rejectOnEmpty: true });
  };

  it('are listed, found by words and kept apart by organisation', async () => {
    assert.match(await here.done('user', 'list', 'globex'), /^USERNAME .*\ngary .*\ngina .*\noscar .*\n$/);
    const found = JSON.parse(await here.done('user', 'list', 'acme', '--search', 'okafor', '--json')) as {
      username: string;
    }[];
    assert.deepEqual(
      found.map(({ username }) => username),
      ['olivia'],
    );
    const { code, stderr } = await here.run(['user', 'list', 'initech']);
    assert.deepEqual({ code, stderr }, { code: 1, stderr: 'There is no organisation initech. See: tenant list\n' });
  });

  it('are made by an invitation, or with a password that must be changed', async () => {
    await here.done(
      'user',
      'create',
      'acme/nina',
      '--name',
      'Nina Novak',
      '--email',
      'nina@acme.example',
      '--role',
      'Auditor',
    );
    const given = await here.run(
      ['user', 'create', 'acme/noor', '--name', 'Noor', '--email', 'noor@acme.example', '--password-stdin'],
      `${ANOTHER}\n`,
    );
    assert.equal(given.code, 0);
    await here.done('user', 'create', 'acme/deploy', '--name', 'Deploy', '--service');
    for (const given of [['--password', ANOTHER], ['--password-stdin'], ['--keep-password']]) {
      const { code, stderr } = await here.run(['user', 'create', 'acme/robin', '--name', 'R', '--service', ...given]);
      assert.deepEqual([code, /a service account has no password/.test(stderr)], [2, true], given[0]);
    }
    const refused = await Promise.all([
      here.run(['user', 'create', 'acme/Nina', '--name', 'N', '--email', 'other@acme.example']),
      here.run(['user', 'create', 'acme/noone', '--name', 'N']),
      here.run(['user', 'create', 'acme/short', '--name', 'S', '--email', 'short@acme.example', '--password', 'short']),
      here.run(['user', 'create', 'acme/boss', '--name', 'B', '--email', 'boss@acme.example', '--role', 'Emperor']),
    ]);
    for (const { code, stderr } of refused) {
      assert.equal(code, 1);
      assert.match(stderr, /^(username|password|role|email): [^\n]+\n$/);
    }

    await here.look(async ({ passwords }) => {
      const nina = await userOf('acme', 'nina');
      assert.equal(nina.status, 'invited');
      assert.equal(await OutboxMessage.count({ where: { userId: nina.id, event: 'invitation' } }), 1);
      const noor = await userOf('acme', 'noor');
      assert.deepEqual([noor.status, noor.mustChangePassword], ['active', true]);
      assert.ok(await passwords.verify(noor.passwordHash, ANOTHER));
      assert.equal((await userOf('acme', 'deploy')).kind, 'service');
      const told = await SecurityEvent.findOne({
        where: { event: 'user.created', targetId: noor.id },
        rejectOnEmpty: true,
      });
      assert.deepEqual([told.door, told.actorId], ['cli', null]);
    });
  });

  it('get what the organisation gives whoever is new', async () => {
    const mustSetUp = (defaultMustSetUpTwoFactor: boolean): Promise<unknown> =>
      here.look(() => Tenant.update({ defaultMustSetUpTwoFactor }, { where: { slug: 'acme' } }));
    await mustSetUp(true);
    await here.done('user', 'create', 'acme/nils', '--name', 'Nils', '--email', 'nils@acme.example');
    await mustSetUp(false);
    assert.equal(await here.look(async () => (await userOf('acme', 'nils')).mustSetUpTwoFactor), true);
  });

  it('can be unlocked', async () => {
    const until = Date.now() + 3_600_000;
    const key = await here.look(async ({ database }) => {
      const uma = await userOf('acme', 'uma');
      await uma.update({ lockedUntil: until });
      await punishThrottle(
        database,
        `account/${uma.id}`,
        { failures: 1, windowMs: 3_600_000, blockMs: 3_600_000, longestBlockMs: 3_600_000 },
        Date.now(),
      );
      await punishThrottle(
        database,
        `account/${uma.id}`,
        { failures: 1, windowMs: 3_600_000, blockMs: 3_600_000, longestBlockMs: 3_600_000 },
        Date.now(),
      );
      return `account/${uma.id}`;
    });
    await here.done('user', 'unlock', 'acme/uma');
    await here.look(async ({ database }) => {
      assert.equal((await userOf('acme', 'uma')).lockedUntil, null);
      assert.equal((await lookAtThrottle(database, key, Date.now())).blockedUntil, 0);
    });
  });

  it('get a password that they must change, or a link, and old sessions and links are dead', async () => {
    const before = await here.look(() => userOf('acme', 'uma'));
    const made = (await here.done('user', 'reset-password', 'acme/uma')).trim();
    await here.done('user', 'reset-password', 'acme/nina', '--password', ANOTHER);
    await here.done('user', 'reset-password', 'acme/umar', '--mail');
    const refused = await Promise.all([
      here.run(['user', 'reset-password', 'acme/robo']),
      here.run(['user', 'reset-password', 'acme/uma', '--password', PASSWORD, '--mail']),
      here.run(['user', 'reset-password', 'acme/gina']),
    ]);
    assert.deepEqual(
      refused.map(({ code }) => code),
      [1, 2, 1],
    );

    await here.look(async ({ passwords }) => {
      const uma = await userOf('acme', 'uma');
      assert.ok(await passwords.verify(uma.passwordHash, made));
      assert.deepEqual([uma.mustChangePassword, uma.epoch], [true, before.epoch + 1]);
      // Who was invited has a password now, and the link would let somebody else choose another.
      const nina = await userOf('acme', 'nina');
      assert.deepEqual([nina.status, nina.mustChangePassword], ['active', true]);
      const umar = await userOf('acme', 'umar');
      assert.ok(await passwords.verify(umar.passwordHash, PASSWORD));
      assert.equal(await OutboxMessage.count({ where: { userId: umar.id, event: 'password-reset' } }), 1);
      const rows = await SecurityEvent.findAll({ where: { event: 'password.assigned' } });
      assert.deepEqual(new Set(rows.map(({ targetId }) => targetId)), new Set([uma.id, nina.id]));
      assert.ok(rows.every(({ details }) => !details.includes(made) && !details.includes(ANOTHER)));
    });
  });

  it('lose the secret of a lost app, or the second factor altogether, and the log says why', async () => {
    await here.look(async () => {
      for (const username of ['adam', 'audrey']) {
        const user = await userOf('acme', username);
        await user.update({ twoFactor: 'active' });
      }
    });
    await here.done('user', 'reset-two-factor', 'acme/adam');
    await here.done('user', 'reset-two-factor', 'acme/audrey', '--disable', '--reason', 'Ticket 4711');
    const { code, stderr } = await here.run(['user', 'reset-two-factor', 'acme/uma']);
    assert.equal(code, 1);
    assert.match(stderr, /^Two-factor authentication is not set up for this account\.[^\n]*\n$/);
    await here.look(async (services) => {
      const [adam, audrey] = [await userOf('acme', 'adam'), await userOf('acme', 'audrey')];
      assert.deepEqual([adam.twoFactor, audrey.twoFactor], ['pending', 'disabled']);
      assert.equal(await TotpSecret.count({ where: { userId: adam.id } }), 1);
      const told = await SecurityEvent.findOne({
        where: { event: 'two-factor.disabled', targetId: audrey.id },
        rejectOnEmpty: true,
      });
      const details = await detailsWithPersons(services, told);
      assert.deepEqual([told.door, JSON.parse(details)], ['cli', { reason: 'Ticket 4711' }]);
    });
  });

  it('are let in again by the access pass that is printed with it, by which the next factor is set up', async () => {
    const uma = await here.look(async () => (await userOf('acme', 'uma')).update({ twoFactor: 'active' }));
    const printed = await here.done('user', 'reset-two-factor', 'acme/uma');
    const [, pass = ''] = /^Access pass, once, within an hour, at \/login\/pass: (\S+)$/m.exec(printed) ?? [];
    await here.look(async (services) => {
      const { passHash, usedAt } = await AccessPass.findOne({ where: { userId: uma.id }, rejectOnEmpty: true });
      assert.deepEqual([passHash, usedAt], [hashOfPass({ services }, uma.id, pass), null]);
      assert.ok((await userOf('acme', 'uma')).enrolmentHeld, 'The password alone does not lead there.');
    });
  });

  it('are given a password by nobody who sits at a browser or holds a token, whatever they may do', async () => {
    await here.look(async (services) => {
      const [uma, olivia] = [await userOf('acme', 'uma'), await userOf('acme', 'olivia')];
      const tenant = inContext(await Tenant.findByPk(uma.tenantId, { rejectOnEmpty: true }));
      const actor: Actor = {
        ...COMMAND_LINE,
        kind: 'user',
        id: olivia.id,
        tenantId: tenant.id,
        platform: false,
        permissions: new Set(TENANT_PERMISSIONS),
      };
      for (const door of ['web', 'api'] as const) {
        const context = { ...contextWithoutRequest(services, actor, door, tenant), actor, tenant };
        await assert.rejects(assignPassword(context, uma.id, ANOTHER), Forbidden);
      }
      assert.equal((await userOf('acme', 'uma')).passwordHash, uma.passwordHash);
    });
  });

  it('can be disabled, but not the last owner', async () => {
    await here.done('user', 'disable', 'acme/umar');
    const { code, stderr } = await here.run(['user', 'disable', 'acme/olivia']);
    assert.equal(code, 1);
    assert.match(stderr, /^[^\n]*last active owner[^\n]*\n$/);
    await here.look(async () => {
      assert.equal((await userOf('acme', 'umar')).status, 'disabled');
      assert.equal((await userOf('acme', 'olivia')).status, 'active');
    });
  });

  it('are explained: which role gives a permission, who gave that, and what takes it away', async () => {
    const why = async (...of: string[]) =>
      JSON.parse(await here.done('user', 'why', ...of, '--json')) as Record<string, unknown>[];
    const [may] = await why('acme/adam', 'users:write');
    assert.equal(may?.['now'], 'may');
    assert.match(String(may?.['givenBy']), /^Admin \(\d{4}-/);
    assert.ok(
      (await why('acme/audrey')).some(({ permission, now }) => permission === 'users:write' && now === 'may not'),
    );
    await here.done('user', 'disable', 'globex/gary');
    const text = await here.done('user', 'why', 'globex/gary', 'users:read');
    assert.match(text, /^users:read +may not +Admin .* disabled\nNothing of this holds at the moment: disabled\.\n$/m);
    const { code, stderr } = await here.run(['user', 'why', 'acme/adam', 'fly']);
    assert.deepEqual([code, /^permission: There is no such permission[^\n]*\n$/.test(stderr)], [1, true]);
  });
});

import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import type { User } from '#models/user.js';
import { TENANT_PERMISSIONS, type Permission } from '#policies/permissions.js';
import { suspendTenant, resumeTenant } from '#server/features/tenants/actions.js';
import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';
import { makeToken, rotate, secretOn } from '../support/credentials.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import {
  bearer,
  generateFor,
  giveRoles,
  personWith,
  programOf,
  roleWith,
  tokenFor,
  withBasic,
} from '../support/programs.js';
import type { Program } from '../support/program.js';
import { setPolicy } from '../support/second-factor.js';
import { userCalled } from '../support/users.js';

describe('The rights of a program are those of this very moment', () => {
  let portal: Portal;
  let role: Role;
  let other: Role;
  let otto: User;
  let token: Program;
  let key: Program;
  let password: Program;
  beforeEach(async () => {
    portal = await startPortal();
    role = await roleWith(portal, 'acme', ['users:read', 'users:write', 'policy:read']);
    other = await roleWith(portal, 'acme', ['log:read']);
    otto = await personWith(portal, 'acme/otto', role);
    token = await programOf(portal, 'acme/otto');
    key = bearer(portal, await generateFor(portal, 'acme/otto', 'key'));
    password = withBasic(portal, 'acme/otto', await generateFor(portal, 'acme/otto', 'password'));
    for (const program of [token, key, password]) assert.equal(await verdict(program), '200');
  });
  afterEach(() => portal.close());

  const verdict = async (program: Program, path = '/users?limit=1'): Promise<string> => {
    const { status, code } = await program.get(path);
    return `${status} ${code}`.trim();
  };
  const permissionsOf = async (program: Program): Promise<unknown> => (await program.get('/me')).body['permissions'];

  it('A permission taken out of the role is gone with the next call, and back with the one after it was given back', async () => {
    await role.update({ permissions: JSON.stringify(['policy:read']) });
    for (const program of [token, key, password]) {
      assert.equal(await verdict(program), '403 forbidden');
      assert.equal(await verdict(program, '/security-policy'), '200');
    }
    await role.update({ permissions: JSON.stringify(['users:read']) });
    for (const program of [token, key, password]) assert.equal(await verdict(program), '200');
  });

  it('A role that becomes read-only keeps its reading alone', async () => {
    assert.deepEqual(await permissionsOf(token), ['users:read', 'users:write', 'policy:read']);
    await role.update({ readOnly: true });
    for (const program of [token, key, password])
      assert.deepEqual(await permissionsOf(program), ['users:read', 'policy:read']);
    assert.deepEqual(
      await status(token.patch('/me', { name: 'Otto' })),
      [403, 'forbidden'],
      'It changes nothing of its owner either.',
    );
  });

  it('One read-only role beside it strips every write of a token of the other, too', async () => {
    await giveRoles(otto, [role, await roleWith(portal, 'acme', [], { readOnly: true })]);
    for (const program of [token, key, password])
      assert.deepEqual(await permissionsOf(program), ['users:read', 'policy:read']);
  });

  it('A token dies with its role; the key and the API password have what is left', async () => {
    await giveRoles(otto, [other]);
    assert.equal(await verdict(token, '/me'), '401 token_revoked');
    for (const program of [key, password]) assert.deepEqual(await permissionsOf(program), ['log:read']);
    await giveRoles(otto, []);
    for (const program of [key, password]) assert.deepEqual(await permissionsOf(program), []);
  });

  it('A token never has what its scopes leave out, nor what its role does not grant, nor what another role does', async () => {
    await giveRoles(otto, [role, other]);
    const narrow = await programOf(portal, 'acme/otto', { role: role.name, scopes: ['users:read'] });
    assert.deepEqual(await permissionsOf(narrow), ['users:read']);
    assert.deepEqual(await permissionsOf(token), ['users:read', 'users:write', 'policy:read']);
    assert.deepEqual(await permissionsOf(key), ['users:read', 'users:write', 'policy:read', 'log:read']);
    await role.update({ permissions: JSON.stringify(['policy:read'] satisfies Permission[]) });
    assert.deepEqual(await permissionsOf(narrow), []);
    assert.deepEqual(await permissionsOf(token), ['policy:read']);
  });

  it('A token is an owner by its own role alone: another role may grant as much, and does not reach an owner', async () => {
    const desk = await roleWith(portal, 'acme', TENANT_PERMISSIONS, { name: 'Desk' });
    const owner = await Role.factory(otto.tenantId, 'owner');
    await giveRoles(otto, [desk, owner]);
    const rename = async (name: string): Promise<string> => {
      const program = await programOf(portal, 'acme/otto', { role: name });
      const { status, code } = await program.patch(`/users/${portal.idOf('acme/olivia')}`, { name: 'Olivia O.' });
      return `${status} ${code}`.trim();
    };
    assert.equal(await rename('Desk'), '403 forbidden');
    assert.equal(await rename(owner.name), '200');
  });

  it('A token that is limited to some permissions changes nothing of its owner', async () => {
    const narrow = await programOf(portal, 'acme/otto', { scopes: ['users:read', 'users:write', 'policy:read'] });
    assert.deepEqual(await status(narrow.patch('/me', { name: 'Otto the Other' })), [403, 'forbidden']);
    assert.deepEqual(await status(narrow.post('/me/ssh-keys', { name: 'x', publicKey: 'x' })), [403, 'forbidden']);
    assert.equal((await narrow.get('/me/ssh-keys')).status, 200);
    assert.equal((await token.patch('/me', { name: 'Otto the Other' })).status, 200);
  });

  it('Disabling the user ends all of it, and enabling begins it again', async () => {
    await otto.update({ status: 'disabled' });
    for (const program of [token, key, password]) assert.equal(await verdict(program), '401 token_revoked');
    await otto.update({ status: 'active' });
    for (const program of [token, key, password]) assert.equal(await verdict(program), '200');
  });

  it('Suspending the organisation does the same', async () => {
    const operator = await contextIn(portal, 'platform');
    const acme = (await contextIn(portal, 'acme')).tenant.id;
    await suspendTenant(operator, acme);
    for (const program of [token, key, password]) assert.equal(await verdict(program), '401 token_revoked');
    await resumeTenant(operator, acme);
    for (const program of [token, key, password]) assert.equal(await verdict(program), '200');
  });

  it('A second factor that is demanded and missing ends it, once the days of grace are over', async () => {
    await setPolicy(portal, 'acme', { twoFactor: 'required', graceDays: 2 });
    portal.clock.move(DAY);
    assert.equal(await verdict(token), '200');
    portal.clock.move(DAY + MINUTE);
    for (const program of [token, key, password]) assert.equal(await verdict(program), '401 token_revoked');
    await otto.update({ twoFactor: 'pending' });
    assert.equal(await verdict(token), '401 token_revoked');
    await otto.update({ twoFactor: 'active' });
    for (const program of [token, key, password]) assert.equal(await verdict(program), '200');
  });

  it('Without days of grace it is over at once', async () => {
    await setPolicy(portal, 'acme', { twoFactor: 'required', graceDays: 0 });
    for (const program of [token, key, password]) assert.equal(await verdict(program), '401 token_revoked');
  });

  it('and of a role that demands one: also that of the token’s owner alone', async () => {
    await other.update({ requiresTwoFactor: true, twoFactorSince: portal.clock.now() });
    await setPolicy(portal, 'acme', { graceDays: 0 });
    assert.equal(await verdict(token), '200');
    await giveRoles(otto, [role, other]);
    assert.equal(await verdict(token), '401 token_revoked');
  });

  it('but a service account, which signs in nowhere, is asked for none', async () => {
    await setPolicy(portal, 'acme', { twoFactor: 'required', graceDays: 0 });
    assert.equal(await verdict(await programOf(portal, 'acme/robo'), '/me'), '200');
  });

  it('A token works to the last millisecond of its months, and not one longer', async () => {
    const { id, secret } = await tokenFor(portal, 'acme/uma', { months: 1 });
    const program = bearer(portal, secret);
    const expires = Date.parse(String((await program.get(`/me/tokens/${id}`)).body['expiresAt']));
    portal.clock.move(expires - portal.clock.now() - MINUTE);
    assert.equal(await verdict(program, '/me'), '200');
    portal.clock.move(MINUTE);
    assert.equal(await verdict(program, '/me'), '401 token_expired');
  });

  it('A revoked one is dead with the next call, by whichever hand', async () => {
    const mine = await tokenFor(portal, 'acme/otto');
    assert.equal((await bearer(portal, mine.secret).delete(`/me/tokens/${mine.id}`)).status, 204, 'By itself.');
    assert.equal(await verdict(bearer(portal, mine.secret)), '401 token_revoked');
    const adam = await programOf(portal, 'acme/adam');
    assert.equal((await adam.delete(`/users/${otto.id}/credentials`)).status, 204);
    for (const program of [token, key, password]) assert.equal(await verdict(program), '401 token_revoked');
  });

  it('A deleted user leaves nothing that could be told from what never was', async () => {
    const adam = await programOf(portal, 'acme/adam');
    assert.equal((await adam.delete(`/users/${otto.id}`)).status, 204);
    for (const program of [token, key, password]) assert.equal(await verdict(program), '401 invalid_credentials');
  });

  for (const hours of [0, 1, 24]) {
    it(`Rotated with ${hours} hours to spare, the old secret works that long`, async () => {
      const uma = await portal.signedIn('acme/uma');
      const { id, secret } = await makeToken(uma);
      const fresh = secretOn(await rotate(uma, id, String(hours)));
      assert.equal(await verdict(bearer(portal, fresh), '/me'), '200');
      if (hours > 0) {
        assert.equal(await verdict(bearer(portal, secret), '/me'), '200');
        portal.clock.move(hours * HOUR - 1000);
        assert.equal(await verdict(bearer(portal, secret), '/me'), '200');
        portal.clock.move(2000);
      }
      assert.match(await verdict(bearer(portal, secret), '/me'), /^401 /);
      assert.equal(await verdict(bearer(portal, fresh), '/me'), '200');
    });
  }

  it('All of an operator’s programs are out, too, when the operator is disabled', async () => {
    const opal = await programOf(portal, 'platform/opal');
    assert.equal(await verdict(opal, '/tenants'), '200');
    await (await userCalled(portal, 'platform/opal')).update({ status: 'disabled' });
    assert.equal(await verdict(opal, '/tenants'), '401 token_revoked');
  });
});

async function status(answer: Promise<{ status: number; code: string }>): Promise<[number, string]> {
  const reply = await answer;
  return [reply.status, reply.code];
}

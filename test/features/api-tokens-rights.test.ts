import assert from 'node:assert/strict';
import { ApiCredentialAddress } from '#models/api-credential-address.js';
import { ApiCredential } from '#models/api-credential.js';
import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { call, makeToken, TOKENS, verdictOn } from '../support/credentials.js';
import { startPortal, type Portal } from '../support/portal.js';
import { enrol, setPolicy } from '../support/second-factor.js';
import { pageOf, roleId } from '../support/users.js';

describe('What an API token can do', () => {
  let portal: Portal;
  let olivia: Browser;
  let adam: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
    adam = await portal.signedIn('acme/adam');
  });
  afterEach(() => portal.close());

  const user = (who: string): Promise<User> => User.findByPk(portal.idOf(who), { rejectOnEmpty: true });

  /** The permissions that a call with this secret has. */
  const rightsOf = async (secret: string): Promise<string[]> => {
    const { headers } = await portalAnswer(secret);
    return (headers['x-gatehouse-permissions'] ?? '').split(',').filter(Boolean).sort();
  };
  const portalAnswer = (secret: string) =>
    portal.browser().get('/api/v1/forward-auth', { Authorization: `Bearer ${secret}` });

  /** Gives a user a role of the organisation's own beside those they have. */
  const addRole = async (who: string, permissions: string[], readOnly = false): Promise<Role> => {
    const { tenantId, id } = await user(who);
    const name = `Role ${permissions.join(' ')}`;
    const role = await Role.create({
      tenantId,
      name,
      permissions: JSON.stringify(permissions),
      readOnly,
      createdAt: portal.clock.now(),
    });
    await UserRole.create({ tenantId, userId: id, roleId: role.id });
    return role;
  };

  it('is what its role grants and its scopes allow, and nothing beside', async () => {
    const all = await makeToken(adam);
    assert.ok((await rightsOf(all.secret)).includes('users:delete'));
    const some = await makeToken(adam, { scopes: ['users:read', 'log:read'] });
    assert.deepEqual(await rightsOf(some.secret), ['log:read', 'users:read']);
    assert.match((await adam.open(`${TOKENS}/${all.id}`)).text, /Change your profile/);
    const page = await adam.open(`${TOKENS}/${some.id}`);
    assert.doesNotMatch(page.text, /Change your profile/);
    const rights = page.document.querySelectorAll('.rights .mono').map(({ text }) => text);
    assert.deepEqual(rights.sort(), ['log:read', 'users:read']);
  });

  it('is no more than its one role, whatever else its user may do', async () => {
    const role = await addRole('acme/adam', ['log:read']);
    const { secret } = await makeToken(adam, { roleId: role.id });
    assert.deepEqual(await rightsOf(secret), ['log:read']);
  });

  it('follows the role as it is now: what is taken from the role, or marked read-only, is gone at the next call', async () => {
    const role = await addRole('acme/adam', ['users:read', 'users:write', 'log:read']);
    const { secret, id } = await makeToken(adam, { roleId: role.id });
    assert.deepEqual(await rightsOf(secret), ['log:read', 'users:read', 'users:write']);
    await role.update({ permissions: '["users:read","users:write"]' });
    assert.deepEqual(await rightsOf(secret), ['users:read', 'users:write']);
    await role.update({ readOnly: true });
    assert.deepEqual(await rightsOf(secret), ['users:read']);
    assert.match((await adam.open(`${TOKENS}/${id}`)).text, /right now[^]*See users[^]*Last addresses/);
    const shown = (await adam.open(`${TOKENS}/${id}`)).document.querySelectorAll('.rights .mono');
    assert.deepEqual(
      shown.map(({ text }) => text),
      ['users:read'],
    );
  });

  it('is stripped of every write while its user holds any read-only role', async () => {
    const { secret } = await makeToken(adam, { scopes: ['users:read', 'users:write'] });
    await addRole('acme/adam', [], true);
    assert.deepEqual(await rightsOf(secret), ['users:read']);
  });

  it('is nothing once its role is lost, which its owner is told plainly; given back, it works again', async () => {
    const role = await addRole('acme/adam', ['log:read']);
    const { secret, id } = await makeToken(adam, { roleId: role.id, name: 'Of a lost role' });
    await olivia.submit(pageOf(portal.idOf('acme/adam')), pageOf(portal.idOf('acme/adam')), {
      roleIds: await roleId(portal, 'acme', 'admin'),
    });
    assert.equal(await verdictOn(portal, secret), '401 token_revoked');
    adam = await portal.signedIn('acme/adam');
    assert.match(
      (await adam.open(TOKENS)).text,
      /Of a lost role[^]*\(no longer yours\)[^]*Role lost\s*It can do nothing/,
    );
    const page = await adam.open(`${TOKENS}/${id}`);
    assert.match(page.text, /This token can do nothing/);
    assert.ok(!page.forms().includes(`${TOKENS}/${id}/rotation`));
    assert.equal(
      (await adam.post(`${TOKENS}/${id}/rotation`, { _csrf: page.valueOf('_csrf'), overlapHours: '0' })).status,
      409,
    );
    await UserRole.create({ tenantId: role.tenantId, userId: portal.idOf('acme/adam'), roleId: role.id });
    assert.equal(await verdictOn(portal, secret), '200');
  });

  it('names a role that has been removed altogether as such', async () => {
    const role = await addRole('acme/adam', ['log:read']);
    const { id } = await makeToken(adam, { roleId: role.id });
    await UserRole.destroy({ where: { roleId: role.id } });
    await role.destroy();
    assert.match((await adam.open(TOKENS)).text, /Removed role/);
    assert.match((await adam.open(`${TOKENS}/${id}`)).text, /You no longer have its role, Removed role/);
  });

  it('ends at the very next call when its user is disabled or deleted, or the organisation suspended', async () => {
    const uma = await makeToken(await portal.signedIn('acme/uma'));
    const umar = await makeToken(await portal.signedIn('acme/umar'));
    const gina = await makeToken(await portal.signedIn('globex/gina'));
    const page = pageOf(portal.idOf('acme/uma'));
    await adam.submit(page, page, { status: 'disabled' });
    assert.equal(await verdictOn(portal, uma.secret), '401 token_revoked');
    await User.destroy({ where: { id: portal.idOf('acme/umar') } });
    assert.equal(await verdictOn(portal, umar.secret), '401 invalid_credentials');
    assert.equal(await ApiCredential.count({ where: { id: umar.id } }), 0);
    assert.equal(await verdictOn(portal, gina.secret), '200');
    await Tenant.update({ status: 'suspended' }, { where: { slug: 'globex' } });
    assert.equal(await verdictOn(portal, gina.secret), '401 token_revoked');
  });

  it('ends while two-factor authentication is demanded and missing, after the days of grace', async () => {
    const uma = await portal.signedIn('acme/uma');
    const { secret } = await makeToken(uma, { months: '12' });
    await setPolicy(portal, 'acme', { twoFactor: 'required', graceDays: 7 });
    assert.equal(await verdictOn(portal, secret), '200');
    portal.clock.move(8 * DAY);
    assert.equal(await verdictOn(portal, secret), '401 token_revoked');
    await setPolicy(portal, 'acme', { twoFactor: 'optional' });
    await enrol(portal, 'acme/uma');
    await setPolicy(portal, 'acme', { twoFactor: 'required' });
    assert.equal(await verdictOn(portal, secret), '200');
  });

  it('is possible only from the addresses it allows', async () => {
    const { secret } = await makeToken(adam, { allowedIps: '203.0.113.0/24\n2001:db8::/32' });
    assert.equal(await verdictOn(portal, secret), '403 ip_not_allowed');
    const here = await makeToken(adam, { allowedIps: '203.0.113.7, 127.0.0.0/8' });
    assert.equal(await verdictOn(portal, here.secret), '200');
    assert.match((await adam.open(`${TOKENS}/${here.id}`)).text, /203\.0\.113\.7, 127\.0\.0\.0\/8/);
    await setPolicy(portal, 'acme', { allowedIps: '198.51.100.0/24' });
    assert.equal(await verdictOn(portal, here.secret), '403 ip_not_allowed');
  });

  it('leaves when and from where it was used: the last ten addresses, an address more at once', async () => {
    await portal.close();
    portal = await startPortal({ env: { TRUST_PROXY: '1' } });
    adam = await portal.signedIn('acme/adam');
    const { secret, id } = await makeToken(adam);
    const from = (ip: string) =>
      call(portal, '/forward-auth', { Authorization: `Bearer ${secret}`, 'X-Forwarded-For': ip });
    await from('203.0.113.1');
    await from('198.51.100.9');
    assert.equal(await ApiCredentialAddress.count({ where: { credentialId: id } }), 2);
    assert.equal((await ApiCredential.findByPk(id, { rejectOnEmpty: true })).lastUsedIp, '198.51.100.9');
    for (let last = 1; last <= 12; last += 1) {
      portal.clock.move(2 * MINUTE);
      await from(`203.0.113.${last}`);
    }
    const kept = await ApiCredentialAddress.findAll({ where: { credentialId: id }, order: [['lastUsedAt', 'DESC']] });
    assert.deepEqual(
      kept.map(({ ip }) => ip),
      [12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((last) => `203.0.113.${last}`),
    );
    const shown = (await adam.open(`${TOKENS}/${id}`)).text;
    assert.match(shown, /Last addresses\s*203\.0\.113\.12[^]*203\.0\.113\.3/);
  });
});

import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { Role } from '#models/role.js';
import type { Browser, Page } from '../support/browser.js';
import { makeToken, secretOn, TOKENS, verdictOn } from '../support/credentials.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, roleWith } from '../support/programs.js';
import { roleId, userCalled } from '../support/users.js';

describe('Whoever makes or looks at an API token is told what it is', () => {
  let portal: Portal;
  let adam: Browser;
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  after(() => portal.close());

  const prefilled = (query: Record<string, string>) =>
    adam.open(`${TOKENS}/new?${new URLSearchParams(query).toString()}`);

  it('by a link that fills in the form, with a role by its name or id, and that makes nothing', async () => {
    const before = await ApiCredential.count();
    for (const role of ['Admin', 'admin', await roleId(portal, 'acme', 'admin')]) {
      const page = await prefilled({ name: 'Nightly export', months: '2', role, scopes: 'users:read, log:read' });
      assert.equal(page.valueOf('name'), 'Nightly export');
      const form = page.form(TOKENS);
      assert.deepEqual(
        [form['months'], form['roleId'], form['rights']],
        ['2', await roleId(portal, 'acme', 'admin'), 'chosen'],
      );
      assert.deepEqual([form['scopes']].flat().sort(), ['log:read', 'users:read']);
      assert.doesNotMatch(page.text, /Not everything in the link/);
    }
    assert.equal(await ApiCredential.count(), before);
  });

  it('what of the link was passed over, in words, and finds the rest of it filled in', async () => {
    const page = await prefilled({
      name: 'x'.repeat(61),
      months: '99',
      role: 'Emperor',
      scopes: 'users:read,no:such,<b>',
    });
    assert.match(
      page.text,
      /Not everything in the link was taken.*The name is not one.*from 1 to 12.*none of those to choose from\. 3 scopes are left out with it/s,
    );
    assert.equal(page.valueOf('name'), '');
    const mixed = await prefilled({ name: 'Kept', months: '0', role: 'Admin', scopes: 'users:read,no:such' });
    assert.equal(mixed.valueOf('name'), 'Kept');
    assert.match(mixed.text, /One scope is none that the role grants/);
    assert.deepEqual([mixed.form(TOKENS)['scopes']].flat(), ['users:read']);
    const none = await prefilled({ role: 'Admin', scopes: 'no:such' });
    assert.equal(none.form(TOKENS)['rights'], 'chosen', 'What is nonsense does not become everything.');
    assert.match((await adam.open(`${TOKENS}/new?name=a&name=b`)).text, /more than once/);
    const addresses = await prefilled({ allowedIps: 'everywhere' });
    assert.match(addresses.text, /Its addresses are none: without them the token works from everywhere/);
    assert.equal(String(addresses.form(TOKENS)['allowedIps']).trim(), '');
    const more = await prefilled({ name: 'Kept', 'Call +49 30 1234': 'now' });
    assert.match(more.text, /something that is none of name, months, role, scopes, allowedIps/);
    assert.doesNotMatch(more.text, /\+49/, 'Whoever sends a link does not write on this page.');
  });

  it('by a link the addresses that it may be used from, and the role of theirs that has what the link asks for', async () => {
    const { tenantId } = await userCalled(portal, 'acme/adam');
    const user = await Role.factory(tenantId, 'user');
    const auditor = await Role.factory(tenantId, 'auditor');
    const umar = await userCalled(portal, 'acme/umar');
    for (const roles of [
      [user, auditor],
      [auditor, user],
    ]) {
      await giveRoles(umar, roles);
      const browser = await portal.signedIn('acme/umar');
      const page = await browser.open(`${TOKENS}/new?scopes=log:read&allowedIps=203.0.113.0/24,2001:db8::1`);
      const { roleId: chosen, scopes, allowedIps } = page.form(TOKENS);
      assert.deepEqual([chosen, scopes], [auditor.id, 'log:read']);
      assert.deepEqual(String(allowedIps).trim().split(/\s+/), ['203.0.113.0/24', '2001:db8::1']);
      assert.doesNotMatch(page.text, /Not everything in the link/);
    }
  });

  it('in sentences before it is made, and makes it from there', async () => {
    const before = await ApiCredential.count();
    const fields = {
      name: 'Reviewed',
      months: '1',
      rights: 'chosen',
      scopes: ['users:read'],
      allowedIps: '203.0.113.0/24',
    };
    const form = (await adam.open(`${TOKENS}/new`)).form(TOKENS);
    const page = await adam.post(`${TOKENS}/preview`, { ...form, ...fields });
    assert.equal(page.status, 200);
    assert.match(
      page.text,
      /acts as you, with your role Admin.*See users.*It works until.*only from 203\.0\.113\.0\/24/s,
    );
    assert.doesNotMatch(page.text, /Delete users|Change your profile/);
    assert.equal(await ApiCredential.count(), before);
    const made = await adam.post(TOKENS, page.form(TOKENS));
    assert.notEqual(secretOn(made), '');
    assert.match(made.text, /curl -H "Authorization: Bearer \$TOKEN"/);
    const [row] = await ApiCredential.findAll({ order: [['id', 'DESC']], limit: 1 });
    assert.deepEqual(
      [row?.name, row?.scopeList, row?.allowedIps, row?.months],
      ['Reviewed', ['users:read'], '203.0.113.0/24', 1],
    );
    const wrong = await adam.post(`${TOKENS}/preview`, { ...form, ...fields, months: '13' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.errorOf('months'), /from 1 to 12/);
  });

  /** Why the token has this permission not, as its page says it; '' where it has. */
  const reasonOf = (page: Page, permission: string): string => {
    const row = page.document.querySelectorAll('tbody tr').find(({ text }) => text.includes(permission));
    return row?.querySelectorAll('td')[1]?.text.trim() ?? 'not there';
  };

  it('of each permission that it has not, why', async () => {
    const reader = await roleWith(portal, 'acme', ['users:read', 'users:write', 'log:read'], { name: 'Reader' });
    const otto = await userCalled(portal, 'acme/adam');
    const admin = await Role.findByPk(await roleId(portal, 'acme', 'admin'), { rejectOnEmpty: true });
    await giveRoles(otto, [admin, reader]);
    const { id } = await makeToken(adam, { roleId: reader.id, scopes: ['users:read', 'users:write'] });
    const at = `${TOKENS}/${id}`;
    let page = await adam.open(at);
    assert.equal(reasonOf(page, 'users:read'), '');
    assert.match(reasonOf(page, 'log:read'), /not chosen/);
    assert.match(reasonOf(page, 'roles:write'), /does not grant/);
    await reader.update({ readOnly: true });
    page = await adam.open(at);
    assert.match(reasonOf(page, 'users:write'), /role is read-only/);
    await reader.update({ readOnly: false });
    const brake = await roleWith(portal, 'acme', [], { name: 'Brake', readOnly: true });
    await giveRoles(otto, [admin, reader, brake]);
    assert.match(reasonOf(await adam.open(at), 'users:write'), /may not do this yourself/);
    await giveRoles(otto, [admin]);
    page = await adam.open(at);
    assert.match(page.text, /Nothing: every call with it is refused/);
    assert.match(reasonOf(page, 'users:read'), /no longer have its role/);
  });

  it('what a call would be answered, in the words of the call itself', async () => {
    const { id, secret } = await makeToken(adam, { scopes: ['users:read'], allowedIps: '203.0.113.7\n127.0.0.1' });
    const tried = async (ip: string, permission = ''): Promise<string> =>
      (await adam.open(`${TOKENS}/${id}?${new URLSearchParams({ ip, permission }).toString()}`)).text;
    assert.match(await tried('203.0.113.7', 'users:read'), /200.*would be answered/s);
    assert.match(await tried('203.0.113.7', 'log:read'), /403 forbidden.*lacks the permission log:read/s);
    assert.match(await tried('198.51.100.1'), /403 ip_not_allowed.*may not be used from your address/s);
    await ApiCredential.update({ revokedAt: portal.clock.now() }, { where: { id } });
    assert.equal(await verdictOn(portal, secret), '401 token_revoked');
    assert.match(await tried('203.0.113.7'), /401 token_revoked/);
    const wrong = await adam.open(`${TOKENS}/${id}?ip=nowhere`);
    assert.match(wrong.errorOf('ip'), /Enter one IP address/);
  });

  it('only of their own tokens', async () => {
    const { id } = await makeToken(adam);
    const uma = await portal.signedIn('acme/uma');
    assert.equal((await uma.get(`${TOKENS}/${id}?ip=203.0.113.7`)).status, 404);
  });
});

import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { Role } from '#models/role.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import { MOST_TOKENS } from '#policies/credential.js';
import { DAY } from '#server/lib/clock.js';
import { ANOTHER_TAB, type Browser, type Fields, type Page } from '../support/browser.js';
import { call, makeToken, secretOn, sendToken, TOKENS, verdictOn, whileSecuring } from '../support/credentials.js';
import { startPortal, type Portal } from '../support/portal.js';
import { roleId } from '../support/users.js';

describe('Whoever makes an API token', () => {
  let portal: Portal;
  let uma: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  const refused = async (fields: Fields, field: string, words: RegExp): Promise<Page> => {
    const page = await sendToken(uma, fields);
    assert.equal(page.status, 422, JSON.stringify(fields));
    assert.match(field === '' ? page.alert : page.errorOf(field), words, JSON.stringify(fields));
    assert.equal(secretOn(page), '');
    return page;
  };

  it('is told what is wrong beside each field, and finds again what was typed', async () => {
    await refused({ name: ' ' }, 'name', /Enter a name/);
    await refused({ name: 'x'.repeat(61) }, 'name', /at most 60/);
    for (const months of ['0', '13', '1.5', '', '-1', 'one']) await refused({ months }, 'months', /from 1 to 12/);
    for (const allowedIps of ['203.0.113.0/33', 'localhost', '::1/129', '1.2.3'])
      await refused({ allowedIps }, 'allowedIps', /no IP address or range/);
    const page = await refused({ name: 'Kept', months: '13', allowedIps: '203.0.113.7' }, 'months', /./);
    assert.equal(page.valueOf('name'), 'Kept');
    assert.equal(page.document.querySelector('textarea')?.text.trim(), '203.0.113.7');
    assert.equal(await ApiCredential.count(), 0);
  });

  it('can give it only a role of their own, of their own organisation', async () => {
    const others = [await roleId(portal, 'acme', 'owner'), await roleId(portal, 'globex', 'user'), 'nonsense', ''];
    for (const one of others) await refused({ roleId: one }, 'roleId', /Choose one of your/);
  });

  it('can choose only scopes that the role grants', async () => {
    await refused({ scopes: ['users:read'] }, 'scopes', /the role User grants/);
    await refused({ scopes: ['tokens:create', 'no:such'] }, 'scopes', /the role User grants/);
    const adam = await portal.signedIn('acme/adam');
    const { id } = await makeToken(adam, { scopes: ['users:read', 'roles:read', 'users:read'] });
    const row = await ApiCredential.findByPk(id, { rejectOnEmpty: true });
    assert.deepEqual(row.scopeList, ['roles:read', 'users:read']);
  });

  it('is given nothing for others until they choose it, where their role may change what is others’', async () => {
    const adam = await portal.signedIn('acme/adam');
    const page = await adam.open(`${TOKENS}/new`);
    const form = page.form(TOKENS);
    assert.equal(form['rights'], 'chosen');
    assert.equal(form['scopes'], undefined);
    assert.match(page.text, /Everything the role grants\s*Admin: \d+ permissions/);
    const narrow = secretOn(await adam.post(TOKENS, { ...form, name: 'As it came' }));
    assert.deepEqual(
      [await statusOf(portal, narrow, '/me'), await statusOf(portal, narrow, '/users')],
      [200, 403],
      'It reads its owner’s own, and nothing else.',
    );
    const all = secretOn(await adam.post(TOKENS, { ...form, name: 'All', rights: 'all' }));
    assert.equal(await statusOf(portal, all, '/users'), 200);
    const some = secretOn(await adam.post(TOKENS, { ...form, name: 'Some', rights: 'chosen', scopes: 'users:read' }));
    assert.equal(await statusOf(portal, some, '/users'), 200);
    assert.equal(await statusOf(portal, some, '/roles'), 403);
    // A role that changes nothing of others’ may as well be whole.
    assert.equal((await uma.open(`${TOKENS}/new`)).form(TOKENS)['rights'], 'all');
    await refused({ rights: 'some' }, 'rights', /Choose everything/);
  });

  it('chooses among the roles they have, and sees which grants what', async () => {
    const { tenantId } = await User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });
    const createdAt = portal.clock.now();
    const auditing = await Role.create({ tenantId, name: 'Log reader', permissions: '["log:read"]', createdAt });
    const user = await roleId(portal, 'acme', 'user');
    await UserRole.replace(tenantId, portal.idOf('acme/uma'), [user, auditing.id], { at: 0, by: null });
    const page = await uma.open(`${TOKENS}/new`);
    assert.deepEqual(
      page.document
        .querySelectorAll('select[name=roleId] option')
        .map(({ text }) => text)
        .sort(),
      ['Log reader', 'User'],
    );
    const box = page.document.querySelector('input[name=scopes][value="log:read"]');
    assert.equal(box?.getAttribute('data-roles'), auditing.id);
    assert.match(page.text, /Security log\s*See\s*Granted by Log reader/);
    await refused({ roleId: user, scopes: 'log:read' }, 'scopes', /the role User grants/);
    await makeToken(uma, { roleId: auditing.id, scopes: 'log:read' });
  });

  it('needs the permission for it: an auditor is offered none, and refused one', async () => {
    const audrey = await portal.signedIn('acme/audrey');
    const list = await audrey.open(TOKENS);
    assert.match(list.text, /None of your roles lets you make API tokens/);
    assert.ok(!list.links().includes(`${TOKENS}/new`));
    assert.equal((await audrey.get(`${TOKENS}/new`)).status, 403);
    const fields = {
      _csrf: await audrey.csrf(),
      name: 'x',
      months: '1',
      roleId: await roleId(portal, 'acme', 'auditor'),
    };
    assert.equal((await audrey.post(TOKENS, fields)).status, 403);
    assert.equal(await ApiCredential.count(), 0);
  });

  it('cannot rotate any more once no role grants it, but still revoke', async () => {
    const { id } = await makeToken(uma);
    await Role.update({ key: null, permissions: '[]' }, { where: { id: await roleId(portal, 'acme', 'user') } });
    const page = await uma.open(`${TOKENS}/${id}`);
    assert.ok(!page.forms().includes(`${TOKENS}/${id}/rotation`));
    const _csrf = page.valueOf('_csrf');
    assert.equal((await uma.post(`${TOKENS}/${id}/rotation`, { _csrf, overlapHours: '0' })).status, 403);
    assert.equal((await uma.post(`${TOKENS}/${id}/removal`, { _csrf })).status, 303);
  });

  it('sees and touches only their own', async () => {
    const { id, secret } = await makeToken(uma);
    for (const who of ['acme/umar', 'acme/olivia', 'globex/gina', 'platform/opal']) {
      const other = await portal.signedIn(who);
      const _csrf = await other.csrf();
      assert.equal((await other.get(`${TOKENS}/${id}`)).status, 404, who);
      assert.equal((await other.post(`${TOKENS}/${id}/removal`, { _csrf })).status, 404, who);
      assert.equal((await other.post(`${TOKENS}/${id}/rotation`, { _csrf, overlapHours: '0' })).status, 404, who);
      assert.doesNotMatch((await other.open(TOKENS)).text, /Nightly backup/, who);
    }
    assert.equal(await verdictOn(portal, secret), '200');
  });

  it(`has at most ${MOST_TOKENS} that work, also by two requests at once; those that ended do not count`, async () => {
    const user = await User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });
    const role = await roleId(portal, 'acme', 'user');
    const now = portal.clock.now();
    const one = {
      tenantId: user.tenantId,
      userId: user.id,
      kind: 'token' as const,
      name: 'x',
      roleId: role,
      createdAt: now,
    };
    const rows = (count: number, ends: object) => Array.from({ length: count }, () => ({ ...one, ...ends }));
    await ApiCredential.bulkCreate([
      ...rows(MOST_TOKENS - 1, { expiresAt: now + DAY }),
      ...rows(60, { expiresAt: now - DAY }),
      ...rows(60, { expiresAt: now + DAY, revokedAt: now }),
    ]);
    const page = await uma.open(`${TOKENS}/new`);
    const fields = { ...page.form(TOKENS), ...ANOTHER_TAB, name: 'The last one' };
    const answers = await Promise.all([1, 2, 3].map(() => uma.post(TOKENS, fields)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422, 422]);
    await refused({}, '', /50 API tokens that work now/);
    assert.equal(await ApiCredential.count({ where: { name: 'The last one' } }), 1);
  });

  it('leaves none behind by a request that was under way when the account was secured', async () => {
    const page = await uma.open(`${TOKENS}/new`);
    const fields = { ...page.form(TOKENS), name: 'Left behind' };
    const { answer } = await whileSecuring(portal, 'acme/uma', () => uma.post(TOKENS, fields));
    assert.ok([303, 409].includes(answer.status), `${answer.status}`);
    assert.equal(await ApiCredential.count({ where: { revokedAt: null } }), 0);
  });
});

/** What the API answers to this secret. */
async function statusOf(portal: Portal, secret: string, path: string): Promise<number> {
  return (await call(portal, path, { Authorization: `Bearer ${secret}` })).status;
}

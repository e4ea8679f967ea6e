import assert from 'node:assert/strict';
import { SecurityPolicy } from '#models/security-policy.js';
import type { Browser } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import { newestDetails, roleId, userCalled } from '../support/users.js';

const PATH = '/admin/organisation';

describe('The settings of an organisation', () => {
  let portal: Portal;
  let olivia: Browser;
  before(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
  });
  after(() => portal.close());

  it('are changed by an owner, who reads them back, and the log says what was and what is', async () => {
    const answer = await olivia.submit(PATH, PATH, { name: 'Acme Works', colour: 'teal', accountRemovalDays: '14' });
    assert.equal(answer.status, 303, answer.alert);
    const page = await olivia.follow(answer);
    assert.match(page.flash, /saved/);
    assert.equal(page.valueOf('name'), 'Acme Works');
    assert.equal(page.valueOf('accountRemovalDays'), '14');
    assert.match(page.html, /class="brand-teal"/);
    assert.deepEqual(await newestDetails(portal, 'acme', 'tenant.changed'), {
      name: { from: 'Acme', to: 'Acme Works' },
      colour: { from: 'blue', to: 'teal' },
      accountRemovalDays: { from: 0, to: 14 },
    });
    const { html } = await portal.browser().open('/login?organization=globex');
    assert.match(html, /class="brand-(?!teal)/, 'Another organisation is as it was.');
  });

  it('are only looked at by administrators and auditors, and not seen by users', async () => {
    for (const who of ['acme/adam', 'acme/audrey']) {
      const browser = await portal.signedIn(who);
      const page = await browser.open(PATH);
      assert.match(page.text, /not change them/, who);
      assert.deepEqual(
        page.forms().filter((action) => action === PATH),
        [],
        who,
      );
      const sent = await browser.post(PATH, { _csrf: await browser.csrf('/security'), accountRemovalDays: '1' });
      assert.equal(sent.status, 403, who);
    }
    assert.equal((await (await portal.signedIn('acme/uma')).get(PATH)).status, 403);
  });

  it('refuse what cannot be, in words at the field, and keep what was', async () => {
    const owner = await roleId(portal, 'acme', 'owner');
    const wrong: Record<string, [string, RegExp]> = {
      accountRemovalDays: ['91', /whole number from 0 to 90/],
      name: ['', /Enter the name/],
      colour: ['#ffcc00', /White words .* 1\.51 : 1.*#[0-9a-f]{6}/],
      defaultRoleId: [owner, /Not everybody new can be Owner/],
      defaultTimeZone: ['Mars/Base', /time zone from the list/],
      signInMessage: ['x'.repeat(1001), /1000 characters/],
    };
    for (const [field, [value, words]] of Object.entries(wrong)) {
      const answer = await olivia.submit(PATH, PATH, { [field]: value });
      assert.equal(answer.status, 422, field);
      assert.match(answer.errorOf(field), words);
    }
    const foreign = await roleId(portal, 'globex', 'user');
    assert.match(
      (await olivia.submit(PATH, PATH, { defaultRoleId: foreign })).errorOf('defaultRoleId'),
      /no longer there/,
    );
    assert.equal((await olivia.open(PATH)).valueOf('accountRemovalDays'), '14');
  });

  it('show the message on the sign-in page of this organisation alone, as plain text', async () => {
    await olivia.submit(PATH, PATH, { signInMessage: 'Help: <b>ask</b> the desk' });
    assert.match(
      (await portal.browser().open('/login?organization=acme')).html,
      /Help: &lt;b&gt;ask&lt;\/b&gt; the desk/,
    );
    assert.doesNotMatch((await portal.browser().open('/login?organization=globex')).html, /ask&lt;/);
  });

  it('pre-fill the form for a new user, and give what a program leaves out', async () => {
    const auditor = await roleId(portal, 'acme', 'auditor');
    const set = {
      defaultRoleId: auditor,
      defaultLocale: 'de',
      defaultTimeZone: 'Europe/Berlin',
      defaultMustSetUpTwoFactor: 'on',
    };
    const { defaultMustChangePassword: _off, ...form } = (await olivia.open(PATH)).form(PATH);
    assert.equal((await olivia.post(PATH, { ...form, ...set })).status, 303);

    const fresh = (await olivia.open('/admin/users/new')).form('/admin/users');
    assert.equal(fresh['roleIds'], auditor);
    assert.equal(fresh['mustSetUpTwoFactor'], 'on');
    assert.equal(fresh['mustChangePassword'], undefined);
    assert.match((await olivia.open('/admin/users/import')).text, /Somebody new gets “Auditor” where it is empty/);
    const person = { name: 'Nora', username: 'nora', email: 'nora@acme.example' };
    await olivia.submit('/admin/users/new', '/admin/users', {
      ...person,
      onboarding: 'password',
      password: 'copper-lantern-meadow-57',
    });
    const nora = await userCalled(portal, 'acme/nora');
    assert.deepEqual([nora.locale, nora.timeZone, nora.mustSetUpTwoFactor], ['de', 'Europe/Berlin', true]);
    assert.deepEqual(
      nora.roles?.map(({ id }) => id),
      [auditor],
    );

    const program = await programOf(portal, 'acme/olivia');
    const made = await program.post('/users', { username: 'nils', name: 'Nils', email: 'nils@acme.example' });
    assert.equal(made.status, 201);
    const nils = made.body as { roles: { id: string }[]; mustSetUpTwoFactor: boolean; locale: string };
    assert.deepEqual([nils.roles[0]?.id, nils.mustSetUpTwoFactor, nils.locale], [auditor, true, 'de']);
  });

  it('are read and changed by a program too, under the same rules', async () => {
    const owner = await programOf(portal, 'acme/olivia');
    const changed = await owner.patch('/organisation', { accountRemovalDays: 30 });
    assert.equal(changed.status, 200);
    assert.equal((changed.body as { accountRemovalDays: number }).accountRemovalDays, 30);
    assert.equal((await owner.patch('/organisation', { accountRemovalDays: 91 })).status, 422);
    const auditor = await roleId(portal, 'acme', 'auditor');
    for (const none of [null, '']) {
      assert.equal((await owner.patch('/organisation', { defaultRoleId: auditor })).body['defaultRoleId'], auditor);
      const { status, body } = await owner.patch('/organisation', { defaultRoleId: none });
      assert.deepEqual([status, body['defaultRoleId']], [200, null], 'The role User again.');
    }
    const admin = await programOf(portal, 'acme/adam');
    assert.equal((await admin.get('/organisation')).status, 200);
    assert.equal((await admin.patch('/organisation', { accountRemovalDays: 1 })).status, 403);
    const user = await programOf(portal, 'acme/uma');
    assert.equal((await user.get('/organisation')).status, 403);
  });

  it('show the addresses that people may come from, and lead to where they are set', async () => {
    assert.match((await olivia.open(PATH)).text, /From everywhere/);
    const { id } = await userCalled(portal, 'acme/olivia').then(({ tenantId }) => ({ id: tenantId }));
    await SecurityPolicy.update({ allowedIps: '127.0.0.0/8\n::1/128' }, { where: { tenantId: id } });
    const page = await olivia.open(PATH);
    assert.match(page.text, /127\.0\.0\.0\/8/);
    assert.ok(page.links().includes('/admin/security-policy'));
  });
});

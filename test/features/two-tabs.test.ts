import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { UserRole } from '#models/user-role.js';
import { MINUTE } from '#server/lib/clock.js';
import { ANOTHER_TAB, type Browser, type Fields, type Page } from '../support/browser.js';
import { giveRoles, roleWith } from '../support/programs.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { enrol } from '../support/second-factor.js';
import { pageOf, userCalled } from '../support/users.js';

describe('A form that was opened before somebody else made a change does not undo it', () => {
  let portal: Portal;
  let olivia: Browser;
  let adam: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
    adam = await portal.signedIn('acme/adam');
  });
  afterEach(() => portal.close());

  /** Sends a form as it was rendered, but for these fields; null takes one out, as a box that is cleared. */
  function sendOld(browser: Browser, page: Page, action: string, fields: Record<string, Fields[string] | null>) {
    const changed = Object.entries({ ...page.form(action), ...fields }).filter(([, value]) => value !== null);
    return browser.post(action, Object.fromEntries(changed) as Fields);
  }

  const rolesOf = async (who: string): Promise<string[]> => {
    const { id: userId, tenantId } = await userCalled(portal, who);
    const held = await UserRole.findAll({ where: { userId, tenantId } });
    return held.map(({ roleId }) => roleId).sort();
  };

  it('leaves an account disabled, and without what was taken from it', async () => {
    const uma = await userCalled(portal, 'acme/uma');
    const [desk, spare, third] = [
      await roleWith(portal, 'acme', ['users:read'], { name: 'Desk' }),
      await roleWith(portal, 'acme', ['log:read'], { name: 'Spare' }),
      await roleWith(portal, 'acme', ['roles:read'], { name: 'Third' }),
    ];
    await giveRoles(uma, [desk, spare]);
    const path = pageOf(uma.id);
    const old = await olivia.get(path);
    const meanwhile = { status: 'disabled', roleIds: spare.id, mustSetUpTwoFactor: 'on', name: 'Uma N.' };
    assert.equal((await adam.submit(path, path, meanwhile)).status, 303);
    assert.equal((await sendOld(olivia, old, path, { email: 'uma@new.example' })).status, 303);
    const { status, name, email, mustSetUpTwoFactor } = await userCalled(portal, 'acme/uma');
    assert.deepEqual([status, name, email, mustSetUpTwoFactor], ['disabled', 'Uma N.', 'uma@new.example', true]);
    assert.deepEqual(await rolesOf('acme/uma'), [spare.id]);
    // Where both change the roles, the later choice holds, but for what was taken.
    const roleIds = [desk.id, spare.id, third.id];
    assert.equal((await sendOld(olivia, old, path, { ...ANOTHER_TAB, roleIds })).status, 303);
    assert.deepEqual(await rolesOf('acme/uma'), [spare.id, third.id].sort());
  });

  it('is still of the moment at which it was opened when it comes back for a mistake', async () => {
    const uma = await userCalled(portal, 'acme/uma');
    const path = pageOf(uma.id);
    const old = await olivia.get(path);
    assert.equal((await adam.submit(path, path, { status: 'disabled' })).status, 303);
    const again = await sendOld(olivia, old, path, { name: '' });
    assert.equal(again.status, 422);
    assert.equal((await sendOld(olivia, again, path, { name: 'Uma Nowak' })).status, 303);
    const { status, name } = await userCalled(portal, 'acme/uma');
    assert.deepEqual([status, name], ['disabled', 'Uma Nowak']);
    const now = await olivia.submit(path, path, { status: 'active' });
    assert.equal(now.status, 303, 'Whoever sees that it is disabled enables it.');
    assert.equal((await userCalled(portal, 'acme/uma')).status, 'active');
  });

  it('does not take away a second factor that was set up meanwhile', async () => {
    const uma = await userCalled(portal, 'acme/uma');
    const path = pageOf(uma.id);
    const old = await olivia.get(path);
    await enrol(portal, 'acme/uma');
    assert.equal((await sendOld(olivia, old, path, { name: 'Uma Nowak' })).status, 303);
    assert.equal((await userCalled(portal, 'acme/uma')).twoFactor, 'active');
  });

  it('leaves a role without the permission that was taken from it, with a review and without', async () => {
    for (const review of [false, true]) {
      const permissions = ['users:read', 'users:write', 'log:read'] as const;
      const role = await roleWith(portal, 'acme', permissions, { name: `Desk ${review}` });
      const path = `/admin/roles/${role.id}`;
      const old = await olivia.get(path);
      const meanwhile = { permissions: ['users:read', 'log:read'], readOnly: 'on', requiresTwoFactor: 'on' };
      assert.equal((await adam.submit(path, path, meanwhile)).status, 303);
      const more = { description: 'At the desk', permissions: [...permissions, 'roles:read'] };
      if (review) {
        const form = { ...old.form(path), ...more };
        const preview = await olivia.post(`${path}/preview`, form);
        assert.equal(preview.status, 200);
        assert.doesNotMatch(preview.text, /Add and change users.*Gain/s);
        assert.equal((await sendOld(olivia, preview, path, {})).status, 303);
      } else assert.equal((await sendOld(olivia, old, path, more)).status, 303);
      const { grants, readOnly, requiresTwoFactor, description } = await Role.findByPk(role.id, {
        rejectOnEmpty: true,
      });
      assert.deepEqual([...grants].sort(), ['log:read', 'roles:read', 'users:read']);
      assert.deepEqual([readOnly, requiresTwoFactor, description], [true, true, 'At the desk']);
    }
  });

  it('lowers no demand of the policy that was made meanwhile, with a review and without', async () => {
    const path = '/admin/security-policy';
    const policyOf = async () => SecurityPolicy.of((await userCalled(portal, 'acme/olivia')).tenantId);
    for (const [way, minLength] of [
      ['saved', '20'],
      ['reviewed', '21'],
    ] as const) {
      await SecurityPolicy.update({ twoFactor: 'optional', requireDigit: false, maxSessions: 10 }, { where: {} });
      const old = await olivia.get(path);
      const meanwhile = { twoFactor: 'required', requireDigit: 'on', maxSessions: '3' };
      assert.equal((await adam.submit(path, path, meanwhile)).status, 303);
      const form = { ...old.form(path), minLength };
      const second = await olivia.post(way === 'saved' ? path : `${path}/preview`, form);
      if (way === 'reviewed') {
        assert.equal(second.status, 200, second.text);
        assert.match(second.text, /Minimum length/);
        assert.doesNotMatch(second.text, /Sessions at once/);
        assert.equal((await sendOld(olivia, second, path, {})).status, 303);
      } else assert.equal(second.status, 303, second.text);
      const policy = await policyOf();
      assert.deepEqual(
        [policy.twoFactor, policy.requireDigit, policy.maxSessions, policy.minLength],
        ['required', true, 3, Number(minLength)],
      );
    }
  });

  it('leaves the settings of the organisation as they are by now', async () => {
    const path = '/admin/organisation';
    const { tenantId } = await userCalled(portal, 'acme/olivia');
    const owner = await portal.signedIn('acme/olivia');
    const old = await olivia.get(path);
    const meanwhile = { defaultMustSetUpTwoFactor: 'on', accountRemovalDays: '30', signInMessage: 'Mind the\r\nstep.' };
    assert.equal((await owner.submit(path, path, meanwhile)).status, 303);
    assert.equal((await sendOld(olivia, old, path, { name: 'Acme & Co' })).status, 303);
    const acme = await Tenant.findByPk(tenantId, { rejectOnEmpty: true });
    assert.deepEqual(
      [acme.name, acme.defaultMustSetUpTwoFactor, acme.accountRemovalDays, acme.signInMessage],
      ['Acme & Co', true, 30, 'Mind the\nstep.'],
    );
    const now = await olivia.get(path);
    assert.equal((await sendOld(olivia, now, path, { defaultMustSetUpTwoFactor: null })).status, 303);
    assert.equal((await acme.reload()).defaultMustSetUpTwoFactor, false, 'Whoever sees the box clears it.');
  });

  it('brings back no address of before, and asks for no new one', async () => {
    const path = '/profile';
    const old = await olivia.get(path);
    await User.update({ email: 'olivia@new.example' }, { where: { id: portal.idOf('acme/olivia') } });
    const other = await portal.signedIn('acme/olivia');
    assert.equal((await other.submit(path, path, { theme: 'dark', dailyDigest: 'on' })).status, 303);
    portal.clock.move(11 * MINUTE);
    const late = await sendOld(olivia, old, path, { name: 'Olivia O.' });
    assert.equal(late.location, path, 'nothing that asks who one is');
    const { name, email, theme } = await userCalled(portal, 'acme/olivia');
    assert.deepEqual([name, email, theme], ['Olivia O.', 'olivia@new.example', 'dark']);
    const now = await olivia.get(path);
    assert.ok(now.document.querySelector('[name=dailyDigest][checked]'));
    assert.doesNotMatch(now.text, /Waiting for confirmation/);
    const moving = await sendOld(olivia, now, path, { email: 'olivia@third.example' });
    assert.match(moving.location, /^\/confirm/, 'while another address asks');
  });

  it('neither sends a mail again that was silenced meanwhile, nor words it as before', async () => {
    const path = '/admin/notifications/credential-expiring';
    const old = await olivia.get(path);
    const subject = 'Soon over: {{credential}}';
    assert.equal((await sendOld(adam, await adam.get(path), path, { enabled: null, subject })).status, 303);
    const preview = await olivia.post(`${path}/preview`, old.form(path));
    assert.equal(preview.status, 200);
    for (const [page, html] of [
      [old, '<p>{{name}}: {{expires}}, {{credentialsLink}}</p>'],
      [preview, '<p>{{name}}: {{expires}}. {{credentialsLink}}</p>'],
    ] as const) {
      const sent = await sendOld(olivia, page, path, { ...ANOTHER_TAB, html });
      // Her own other tab has worded the same part.
      if (page === preview) {
        assert.match(sent.errorOf('html'), /changed this meanwhile/);
        assert.equal((await sendOld(olivia, sent, path, ANOTHER_TAB)).status, 303);
      } else assert.equal(sent.status, 303, sent.alert);
      const now = await olivia.get(path);
      assert.deepEqual(
        [now.form(path)['enabled'], String(now.form(path)['subject']).trim(), String(now.form(path)['html']).trim()],
        [undefined, subject, html],
      );
    }
    const seen = await olivia.get(path);
    assert.equal((await sendOld(olivia, seen, path, { enabled: 'on' })).status, 303);
    assert.equal((await olivia.get(path)).form(path)['enabled'], 'on', 'Whoever sees that it is silenced has it sent.');
  });

  it('counts whole where it does not say what it showed, as a program may send it', async () => {
    const uma = await userCalled(portal, 'acme/uma');
    const path = pageOf(uma.id);
    const old = await olivia.get(path);
    assert.equal((await adam.submit(path, path, { status: 'disabled' })).status, 303);
    for (const _shown of [null, 'nonsense', '[]', 'null']) {
      await User.update({ status: 'disabled' }, { where: { id: uma.id } });
      assert.equal((await sendOld(olivia, old, path, { ...ANOTHER_TAB, _shown })).status, 303);
      assert.equal((await userCalled(portal, 'acme/uma')).status, 'active');
    }
    assert.equal((await portal.browser().signIn('acme/uma', PASSWORD)).status, 303);
  });
});

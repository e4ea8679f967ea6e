import assert from 'node:assert/strict';
import { Link } from '#models/link.js';
import { Role } from '#models/role.js';
import { SecurityEvent } from '#models/security-event.js';
import { User } from '#models/user.js';
import { UserRole } from '#models/user-role.js';
import type { Browser, Fields } from '../support/browser.js';
import { invite, logged, mailResetLink } from '../support/links.js';
import { rowsOf } from '../support/log.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { newestDetails, pageOf, roleId, userCalled } from '../support/users.js';

describe('Changing an account', () => {
  let portal: Portal;
  let adam: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  afterEach(() => portal.close());

  const change = (who: string, fields: Fields) => {
    const page = pageOf(portal.idOf(who));
    return adam.submit(page, page, fields);
  };

  it('saves as many roles as the API gives, and says at the field when they are too many', async () => {
    const { tenantId, id } = await userCalled(portal, 'acme/uma');
    const roles = await Role.bulkCreate(
      Array.from({ length: 201 }, (_, n) => ({ tenantId, name: `Role ${n}`, nameKey: `role ${n}`, createdAt: n })),
    );
    const roleIds = roles.map((role) => role.id);
    assert.equal((await change('acme/uma', { roleIds: roleIds.slice(1) })).status, 303);
    assert.equal(await UserRole.count({ where: { userId: id } }), 200);
    assert.equal((await change('acme/uma', { name: 'Uma of many parts' })).status, 303);
    const answer = await change('acme/uma', { roleIds });
    assert.deepEqual([answer.status, answer.errorOf('roleIds')], [422, 'Error: Choose at most 200.']);
  });

  it('shows what is kept of it, and saves another name without ending a session', async () => {
    const uma = await portal.signedIn('acme/uma');
    const answer = await change('acme/uma', { name: 'Uma Nowak', username: 'uma.nowak', mustSetUpTwoFactor: 'on' });
    assert.equal(answer.status, 303);
    const page = await adam.follow(answer);
    assert.equal(page.heading, 'Uma Nowak Active');
    assert.match(page.text, /uma\.nowak.*uma@acme\.example/s);
    assert.equal((await uma.get('/security')).status, 200);
    const { mustSetUpTwoFactor, twoFactorSince } = await userCalled(portal, 'acme/uma.nowak');
    assert.equal(mustSetUpTwoFactor, true);
    assert.ok(twoFactorSince > 0, 'the days of grace count from now');
    assert.deepEqual(await newestDetails(portal, 'acme', 'user.changed'), {
      name: { from: 'Uma Ndiaye', to: 'Uma Nowak' },
      mustSetUpTwoFactor: { from: false, to: true },
    });
    const renamed = await newestDetails(portal, 'acme', 'user.renamed');
    assert.deepEqual(renamed, { username: { from: 'uma', to: 'uma.nowak' } });
  });

  it('marks a password outdated with the rest of the form, once, and never one’s own', async () => {
    const uma = await portal.signedIn('acme/uma');
    const page = pageOf(portal.idOf('acme/uma'));
    assert.equal((await change('acme/uma', { mustChangePassword: 'on' })).status, 303);
    assert.equal((await uma.get('/security')).location, '/login/password');
    assert.equal((await logged(portal, 'acme', 'password.marked-outdated')).length, 1);
    const box = (await adam.open(page)).document.querySelector('[name=mustChangePassword]');
    assert.ok(box?.hasAttribute('disabled'));
    assert.equal((await change('acme/uma', { name: 'Uma Nowak' })).status, 303);
    assert.equal((await uma.get('/security')).location, '/login/password', 'saved again, it stays');
    assert.equal((await logged(portal, 'acme', 'password.marked-outdated')).length, 1);
    const own = pageOf(portal.idOf('acme/adam'));
    assert.equal((await adam.open(own)).document.querySelector('[name=mustChangePassword]'), null);
    assert.equal((await change('acme/adam', { mustChangePassword: 'on' })).status, 403);
  });

  it('that was saved as it was leaves no trace', async () => {
    const before = await SecurityEvent.count();
    assert.equal((await change('acme/uma', {})).status, 303);
    assert.equal(await SecurityEvent.count(), before);
  });

  it('by disabling ends its sessions at once, voids its links, and lets nobody sign in until it is enabled', async () => {
    const uma = await portal.signedIn('acme/uma');
    const link = await mailResetLink(portal, 'acme/uma');
    assert.equal((await portal.browser().open(link)).heading, 'Choose a new password');
    const page = await adam.follow(await change('acme/uma', { status: 'disabled' }));
    assert.match(page.flash, /All sessions of the account have been ended/);
    assert.match((await uma.get('/security')).location, /^\/login/);
    assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).status, 422);
    assert.notEqual((await portal.browser().open(link)).heading, 'Choose a new password');
    const [event] = await logged(portal, 'acme', 'user.disabled');
    assert.deepEqual([event?.['target_id'], event?.['actor_id']], [portal.idOf('acme/uma'), portal.idOf('acme/adam')]);
    await change('acme/uma', { status: 'active' });
    assert.equal((await logged(portal, 'acme', 'user.enabled')).length, 1);
    assert.match((await uma.get('/security')).location, /^\/login/, 'what ended stays ended');
    assert.equal((await uma.follow(await uma.signIn('acme/uma', PASSWORD))).heading, 'Security');
  });

  it('by a new address ends its sessions and links, and tells the old address', async () => {
    const uma = await portal.signedIn('acme/uma');
    const link = await mailResetLink(portal, 'acme/uma');
    assert.equal((await portal.browser().open(link)).heading, 'Choose a new password');
    await change('acme/uma', { email: 'uma@new.example' });
    assert.match((await uma.get('/security')).location, /^\/login/);
    assert.notEqual((await portal.browser().open(link)).heading, 'Choose a new password');
    const mail = await portal.inbox.newestTo('uma@acme.example');
    assert.match(mail.subject, /e-mail address at Acme was changed/);
    assert.doesNotMatch(mail.text, /uma@new\.example/);
    assert.deepEqual(await portal.inbox.mailsTo('uma@new.example'), []);
    const details = await newestDetails(portal, 'acme', 'email.changed');
    assert.deepEqual(details, { email: { from: 'uma@acme.example', to: 'uma@new.example' } });
    await uma.signIn('acme/uma@new.example', PASSWORD);
  });

  it('by its own address in another spelling is not changed: nobody is signed out, mailed or logged for it', async () => {
    const umar = await portal.signedIn('acme/umar');
    const before = (await rowsOf(portal, 'acme')).length;
    for (const email of ['UMAR@acme.example', 'umar@ACME.example.', '\u200bumar@acme.example'])
      await change('acme/umar', { email });
    assert.equal((await umar.get('/security')).status, 200);
    assert.equal((await userCalled(portal, 'acme/umar')).email, 'umar@acme.example');
    assert.deepEqual(
      (await rowsOf(portal, 'acme')).slice(before).map((row) => row['event']),
      [],
    );
  });

  it('by other roles gives and takes rights at once, under a new session', async () => {
    const umar = await portal.signedIn('acme/umar');
    const [auditor, user] = [await roleId(portal, 'acme', 'auditor'), await roleId(portal, 'acme', 'user')];
    await change('acme/umar', { roleIds: [auditor, user] });
    assert.match((await umar.get('/security')).location, /^\/login/);
    await umar.signIn('acme/umar', PASSWORD);
    assert.equal((await umar.get('/admin/users')).status, 200);
    const details = await newestDetails(portal, 'acme', 'user.roles-changed');
    assert.deepEqual(details, { roles: { from: ['User'], to: ['Auditor', 'User'] } });
    await change('acme/umar', { roleIds: user });
    await umar.signIn('acme/umar', PASSWORD);
    assert.equal((await umar.get('/admin/users')).status, 403);
  });

  it('needs a role of this organisation; the days of grace for two-factor begin with a role that demands it', async () => {
    assert.match((await change('acme/uma', { roleIds: [] })).errorOf('roleIds'), /at least one role/);
    for (const foreign of [await roleId(portal, 'globex', 'user'), portal.idOf('acme/uma')]) {
      assert.match((await change('acme/uma', { roleIds: foreign })).errorOf('roleIds'), /no longer there/);
    }
    await Role.update({ requiresTwoFactor: true }, { where: { id: await roleId(portal, 'acme', 'auditor') } });
    await change('acme/uma', { roleIds: await roleId(portal, 'acme', 'auditor') });
    assert.ok((await userCalled(portal, 'acme/uma')).twoFactorSince > 0);
  });

  it('keeps an invited user invited, and a new address gets an invitation of its own', async () => {
    const first = await invite(portal, 'acme/iris');
    const page = pageOf((await userCalled(portal, 'acme/iris')).id);
    const renamed = await adam.submit(page, page, { name: 'Iris Ito' });
    assert.equal(renamed.status, 303);
    await adam.submit(page, page, { roleIds: await roleId(portal, 'acme', 'auditor') });
    assert.equal((await portal.browser().open(first)).heading, 'Welcome, Iris Ito', 'the link still works');
    const answer = await adam.follow(await adam.submit(page, page, { email: 'iris@new.example' }));
    assert.match(answer.flash, /No mail server is set, so an invitation reaches nobody/);
    assert.notEqual((await portal.browser().open(first)).heading, 'Welcome, Iris Ito');
    const second = await portal.inbox.linkTo('iris@new.example', '/invitations/');
    assert.equal((await portal.browser().open(second)).heading, 'Welcome, Iris Ito');
    assert.equal((await portal.inbox.mailsTo('iris@acme.example')).length, 1, 'the old address hears nothing more');
    await adam.submit(page, page, { status: 'disabled' });
    await adam.submit(page, page, { status: 'active' });
    assert.equal((await userCalled(portal, 'acme/iris')).status, 'invited');
    assert.equal(await Link.count({ where: { usedAt: null } }), 0);
  });

  it('by two admins at the same moment ends as one of them wanted it, never as a mixture, and the other is told', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    const page = pageOf(portal.idOf('acme/uma'));
    const roles = await Promise.all((['admin', 'auditor'] as const).map((key) => roleId(portal, 'acme', key)));
    const answers = await Promise.all(
      [adam, olivia].map((browser, index) => browser.submit(page, page, { roleIds: roles[index]! })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 422]);
    assert.equal(await UserRole.count({ where: { userId: portal.idOf('acme/uma') } }), 1);
  });

  it('asks who is there when the sign-in is a while ago, and changes nothing before', async () => {
    portal.clock.move(11 * 60_000);
    const answer = await change('acme/uma', { name: 'Somebody else' });
    assert.match(answer.location, /^\/confirm/);
    assert.equal(await User.count({ where: { name: 'Somebody else' } }), 0);
  });
});

import assert from 'node:assert/strict';
import { SecurityPolicy } from '#models/security-policy.js';
import { User } from '#models/user.js';
import { ANOTHER_TAB, type Browser, type Fields } from '../support/browser.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { newestDetails, roleId, userCalled } from '../support/users.js';

const FIRST = 'quiet-lantern-orchard-57';
const IRIS = { username: 'iris', name: 'Iris Ivanova', email: 'iris@acme.example' };

describe('Adding a user', () => {
  let portal: Portal;
  let adam: Browser;
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  after(() => portal.close());
  beforeEach(async () => {
    const acme = await userCalled(portal, 'acme/adam');
    await User.destroy({ where: { tenantId: acme.tenantId, username: ['iris', 'Iris', 'deploy'] } });
  });

  const add = (fields: Fields, at = '/admin/users/new') => adam.submit(at, '/admin/users', fields);

  it('offers the role User and an invitation, unless something else is chosen', async () => {
    const form = (await adam.open('/admin/users/new')).form('/admin/users');
    assert.equal(form['roleIds'], await roleId(portal, 'acme', 'user'));
    assert.equal(form['onboarding'], 'invite');
    assert.equal(form['kind'], 'person');
  });

  it('proposes a username from the address to who sends none', async () => {
    const page = await add({ ...IRIS, email: 'Iris.Ivanova+news@acme.example', username: '' });
    assert.equal(page.status, 422);
    assert.equal(page.valueOf('username'), 'iris.ivanovanews');
    assert.match(page.errorOf('username'), /iris\.ivanovanews is proposed/);
    assert.equal((await add({ ...IRIS, email: '', username: '' })).valueOf('username'), '');
  });

  it('leads from a new service account straight on to its first token', async () => {
    const deploy = { username: 'deploy', name: 'Deploy', email: 'deploy@acme.example' };
    const answer = await add(deploy, '/admin/users/new?kind=service');
    const { id } = await userCalled(portal, 'acme/deploy');
    assert.equal(answer.location, `/admin/users/${id}/tokens/new`);
    assert.match((await adam.follow(answer)).flash, /Deploy has been made/);
  });

  it('lists the rules of a first password as those of somebody else', async () => {
    const { text } = await adam.open('/admin/users/new');
    assert.match(text, /No name in it: not theirs/);
    assert.doesNotMatch(text, /not yours/);
  });

  it('invites a person, who then chooses a password that the admin never knew', async () => {
    const answer = await add(IRIS);
    assert.equal(answer.status, 303);
    const page = await adam.follow(answer);
    assert.match(
      page.flash,
      /Iris Ivanova has been added. No mail server is set, so an invitation reaches nobody by itself: .* hands it over\./,
    );
    const user = await userCalled(portal, 'acme/iris');
    assert.equal(page.path, `/admin/users/${user.id}`);
    assert.deepEqual([user.status, user.passwordHash], ['invited', null]);
    assert.deepEqual(await newestDetails(portal, 'acme', 'user.created'), { kind: 'person', status: 'invited' });
    assert.equal((await logged(portal, 'acme', 'invitation.sent')).at(-1)?.['target_id'], user.id);
    const path = await portal.inbox.linkTo('iris@acme.example', '/invitations/');
    const browser = portal.browser();
    await browser.submit(path, path, { newPassword: FIRST, confirmPassword: FIRST });
    assert.equal((await browser.follow(await browser.signIn('acme/iris', FIRST))).heading, 'Security');
  });

  it('with a first password lets the person in at once, to choose another', async () => {
    const answer = await add({ ...IRIS, onboarding: 'password', password: FIRST });
    assert.equal(answer.status, 303);
    const browser = portal.browser();
    assert.equal((await browser.follow(await browser.signIn('acme/iris', FIRST))).path, '/login/password');
  });

  it('keeps a first password for good when the admin says so, unless the policy asks for a new one', async () => {
    const page = await adam.open('/admin/users/new');
    const form = page.form('/admin/users');
    delete form['mustChangePassword'];
    const fields = { ...form, ...ANOTHER_TAB, ...IRIS, onboarding: 'password', password: FIRST };
    await adam.post('/admin/users', fields);
    assert.equal((await userCalled(portal, 'acme/iris')).mustChangePassword, false);
    const { tenantId } = await userCalled(portal, 'acme/iris');
    await User.destroy({ where: { tenantId, username: 'iris' } });
    await SecurityPolicy.update({ changeAtFirstSignIn: true }, { where: { tenantId } });
    await adam.post('/admin/users', fields);
    await SecurityPolicy.update({ changeAtFirstSignIn: false }, { where: { tenantId } });
    assert.equal((await userCalled(portal, 'acme/iris')).mustChangePassword, true);
  });

  it('holds a first password to the rules, and never shows it again', async () => {
    for (const password of ['', 'short', 'iris-ivanova-iris', 'passwordpassword', 'acme-acme-acme-acme']) {
      const answer = await add({ ...IRIS, onboarding: 'password', password });
      assert.equal(answer.status, 422, password);
      assert.notEqual(answer.errorOf('password'), '', password);
      assert.equal(answer.valueOf('password'), '');
      assert.equal(answer.valueOf('name'), IRIS.name);
    }
    assert.equal(await User.count({ where: { username: 'iris' } }), 0);
  });

  it('makes a service account that has no password and that nobody can sign in to', async () => {
    const page = await adam.open('/admin/users/new?kind=service');
    assert.equal(page.heading, 'Add a service account');
    assert.equal(page.document.querySelector('[name=password]'), null);
    const deploy = { username: 'deploy', name: 'Deploy', email: 'deploy@acme.example' };
    const form = { ...page.form('/admin/users'), ...deploy, onboarding: 'password', password: FIRST };
    const answer = await adam.post('/admin/users', form);
    assert.equal(answer.status, 303);
    const account = await userCalled(portal, 'acme/deploy');
    assert.deepEqual([account.kind, account.status, account.passwordHash], ['service', 'active', null]);
    for (const password of [FIRST, PASSWORD]) {
      const tried = await portal.browser().tryToSignIn('acme/deploy', password);
      assert.equal(tried.status, 422);
      assert.match(tried.alert, /organisation, username or password is not right/);
    }
    assert.deepEqual(await portal.inbox.mailsTo('deploy@acme.example'), []);
  });

  it('remembers that two-factor authentication is asked for', async () => {
    await add({ ...IRIS, mustSetUpTwoFactor: 'on' });
    assert.equal((await userCalled(portal, 'acme/iris')).mustSetUpTwoFactor, true);
  });

  it('takes a name with a tag in it as text, wherever it is shown', async () => {
    const name = '<script>alert(1)</script>"\'><b>Iris</b>';
    const shown = await adam.follow(await add({ ...IRIS, name }));
    const list = await adam.open('/admin/users');
    const removal = await adam.open(`${shown.path}/removal`);
    for (const page of [shown, list, removal]) {
      assert.doesNotMatch(page.html, /<script>alert|<b>Iris/);
      assert.match(page.html, /&lt;script&gt;alert\(1\)/);
    }
  });
});

describe('Adding a user where there is a mail server', () => {
  it('says that an invitation is on its way where there is a mail server', async () => {
    const mailing = await startPortal({ env: { SMTP_URL: 'smtp://mail.example' } });
    const browser = await mailing.signedIn('acme/adam');
    const answer = await browser.submit('/admin/users/new', '/admin/users', { ...IRIS, onboarding: 'invite' });
    assert.match((await browser.follow(answer)).flash, /added\. An invitation is on its way\.$/);
    await mailing.close();
  });
});

import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { KnownBrowser } from '#models/known-browser.js';
import { Link } from '#models/link.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Session } from '#models/session.js';
import { SshKey } from '#models/ssh-key.js';
import { User } from '#models/user.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { newId } from '#models/columns.js';
import type { Browser, Page } from '../support/browser.js';
import { addRole, buttonBeside, eventOf, setPasswordWith } from '../support/disavowal.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { enrol, halfSignedIn, sendCode } from '../support/second-factor.js';

const NEW = 'quiet-lantern-orchard-57';
const UMA = 'uma@acme.example';

describe("Saying “This wasn't me” on the page of recent activity", () => {
  let portal: Portal;
  let uma: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  const disavow = async (browser: Browser, event = 'sign-in.succeeded'): Promise<Page> => {
    const path = `/security/activity/${await eventOf(portal, 'acme/uma', event)}/disavowal`;
    return browser.submit(path, path);
  };
  const umaRow = (): Promise<User> => User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });

  it('stands beside sign-ins and changes, and leads to a page that says what will happen and changes nothing', async () => {
    await uma.submit('/profile', '/profile', { theme: 'dark' });
    const list = await uma.open('/security/activity');
    assert.deepEqual(
      ['Signed in', 'Profile changed'].map((label) => buttonBeside(list, label) !== null),
      [true, true],
    );
    const before = await umaRow();
    const page = await uma.open(buttonBeside(list, 'Signed in') ?? '');
    assert.equal(page.heading, "Wasn't this you?");
    assert.match(
      page.text,
      /Signed in.*Every session ends.*password stops working.*u\*\*\*@a\*\*\*\.example.*administrators of Acme are told/s,
    );
    assert.deepEqual((await umaRow()).get(), before.get());
    assert.equal((await uma.get('/security')).status, 200);
    assert.ok(buttonBeside(await uma.open('/security'), 'Signed in') !== null, 'the Security page has it too');
  });

  it('does not stand beside what an administrator did, what is no change, and what is 90 days old', async () => {
    const adam = await portal.signedIn('acme/adam');
    const id = portal.idOf('acme/uma');
    await adam.submit(`/admin/users/${id}`, `/admin/users/${id}/password-expiry`);
    await User.update({ mustChangePassword: false }, { where: { id } });
    await portal.browser().tryToSignIn('acme/uma', 'wrong-wrong-wrong');
    const list = await uma.open('/security/activity');
    assert.equal(buttonBeside(list, 'Password marked outdated'), null);
    assert.equal(buttonBeside(list, 'Sign-in failed'), null);
    await adam.submit(`/admin/users/${id}`, `/admin/users/${id}`, { email: 'uma@new.example' });
    const back = await portal.signedIn('acme/uma');
    assert.equal(buttonBeside(await back.open('/security/activity'), 'E-mail address changed'), null);
    const path = buttonBeside(list, 'Signed in') ?? '';
    portal.clock.move(90 * DAY - MINUTE);
    const late = await portal.signedIn('acme/uma');
    assert.equal((await late.get(path)).status, 200);
    portal.clock.move(2 * MINUTE);
    assert.equal((await late.get(path)).status, 404);
    assert.equal((await late.post(path, { _csrf: await late.csrf('/security') })).status, 404);
  });

  it('ends every session, this one too, at once, and leads to the sign-in page with what to do next', async () => {
    const other = await portal.signedIn('acme/uma');
    const umar = await portal.signedIn('acme/umar');
    const answer = await disavow(uma);
    assert.equal(answer.status, 303);
    assert.equal(answer.location, '/login?organization=acme');
    const login = await uma.follow(answer);
    assert.equal(login.heading, 'Sign in');
    assert.match(login.flash, /secured.*password no longer works.*link for a new password is on its way/);
    for (const browser of [uma, other]) assert.match((await browser.get('/security')).location, /^\/login/);
    assert.equal(await Session.count({ where: { userId: portal.idOf('acme/uma'), endedAt: null } }), 0);
    assert.equal((await umar.get('/security')).status, 200, 'nobody else is signed out');
  });

  it('makes the password worth nothing: whoever knows it gets the answer of a wrong one', async () => {
    await disavow(uma);
    const known = await portal.browser().tryToSignIn('acme/uma', PASSWORD);
    const wrong = await portal.browser().tryToSignIn('acme/uma', 'wrong-wrong-wrong');
    assert.deepEqual([known.status, known.alert], [wrong.status, wrong.alert]);
    const row = await umaRow();
    assert.equal(row.passwordHash, null);
    assert.equal(row.mustChangePassword, true);
  });

  it('mails a link for a new password at once; the old one cannot be chosen again, whatever the policy keeps', async () => {
    await SecurityPolicy.update({ history: 0 }, { where: { tenantId: (await umaRow()).tenantId } });
    await disavow(uma);
    const mails = (await portal.inbox.mailsTo(UMA)).slice(-2).map(({ subject }) => subject);
    assert.match(mails[0] ?? '', /is secured/);
    const path = await portal.inbox.linkTo(UMA, '/password/reset/');
    const again = await setPasswordWith(portal, path, PASSWORD);
    assert.equal(again.status, 422);
    assert.match(again.errorOf('newPassword'), /Choose another/);
    assert.equal((await setPasswordWith(portal, path, NEW)).status, 303);
    await portal.signedIn('acme/uma', NEW);
    assert.equal((await umaRow()).mustChangePassword, false);
  });

  it('can be followed by asking for the link oneself, when the first has run out', async () => {
    await disavow(uma);
    portal.clock.move(31 * MINUTE);
    await portal.browser().submit('/password/forgot', '/password/forgot', { organization: 'acme', username: 'uma' });
    const path = await portal.inbox.linkTo(UMA, '/password/reset/');
    assert.equal((await setPasswordWith(portal, path, NEW)).status, 303);
    await portal.signedIn('acme/uma', NEW);
  });

  it('voids links and a new address that waits, forgets known browsers, revokes credentials and suspends keys that are in doubt', async () => {
    const row = await umaRow();
    const owner = { tenantId: row.tenantId, userId: row.id };
    const key = { ...owner, type: 'ssh-ed25519', bits: 256, blob: 'AAAA', comment: '' };
    await SshKey.create({ ...key, name: 'old', fingerprint: 'SHA256:a', createdAt: portal.clock.now() - 8 * DAY });
    await SshKey.create({ ...key, name: 'lately', fingerprint: 'SHA256:c', createdAt: portal.clock.now() - DAY });
    await SshKey.create({ ...key, name: 'since', fingerprint: 'SHA256:b', createdAt: portal.clock.now() + MINUTE });
    await ApiCredential.create({ ...owner, id: newId(), kind: 'key', name: 'API key', createdAt: portal.clock.now() });
    await uma.submit('/profile', '/profile', { email: 'evil@else.example' });
    const waiting = await portal.inbox.linkTo('evil@else.example', '/email/confirm/');
    await disavow(uma);
    assert.equal((await portal.browser().get(waiting)).status, 410);
    assert.equal((await umaRow()).email, UMA);
    assert.equal(await KnownBrowser.count({ where: owner }), 0);
    assert.deepEqual(
      (await SshKey.findAll({ where: owner, order: [['fingerprint', 'ASC']] })).map(({ name, suspendedAt }) => [
        name,
        suspendedAt !== null,
      ]),
      [
        ['old', false],
        ['since', true],
        ['lately', true],
      ],
    );
    assert.equal(await ApiCredential.count({ where: { ...owner, revokedAt: null } }), 0);
    const live = await Link.findAll({ where: { ...owner, usedAt: null } });
    assert.deepEqual(
      live.map(({ kind }) => kind),
      ['password-reset'],
    );
  });

  it('stands in the log as a high event with what was disavowed, and what was before needs no button any more', async () => {
    const eventId = await eventOf(portal, 'acme/uma', 'sign-in.succeeded');
    await disavow(uma);
    const [event] = await logged(portal, 'acme', 'activity.disavowed');
    assert.equal(event?.['level'], 'high');
    assert.equal(event['actor_id'], portal.idOf('acme/uma'));
    const details = JSON.parse(String(event['details'])) as Record<string, unknown>;
    assert.equal(details['disavowed'], 'sign-in.succeeded');
    assert.equal(details['eventId'], eventId);
    await setPasswordWith(portal, await portal.inbox.linkTo(UMA, '/password/reset/'), NEW);
    const back = await portal.signedIn('acme/uma', NEW);
    const list = await back.open('/security/activity');
    const buttons = list.links().filter((link) => link.endsWith('/disavowal'));
    assert.equal(buttons.length, 2, 'the new password and the new sign-in');
    assert.match(list.text, /Reported: this wasn't me/);
    assert.equal((await back.get(`/security/activity/${eventId}/disavowal`)).status, 404);
    assert.match((await portal.inbox.newestTo(UMA)).subject, /New sign-in/, 'no browser is known any more');
  });

  it('tells every administrator of the organisation, and nobody else, what was disavowed and what else was changed', async () => {
    await uma.submit('/security', '/security/password', {
      currentPassword: PASSWORD,
      newPassword: NEW,
      confirmPassword: NEW,
    });
    await addRole(portal, 'acme/umar', { name: 'Helper', permissions: ['users:read', 'users:write'] });
    await addRole(portal, 'acme/audrey', {
      name: 'Helper who only looks',
      permissions: ['users:write'],
      readOnly: true,
    });
    await disavow(uma, 'password.changed');
    for (const admin of ['olivia@acme.example', 'adam@acme.example', 'umar@acme.example']) {
      const { subject, text } = await portal.inbox.newestTo(admin);
      assert.match(subject, /uma said “This wasn't me”/);
      assert.match(text, /Disavowed: +Password changed \(.*Other changes lately: +Password changed/s);
      assert.ok(text.includes(`/admin/users/${portal.idOf('acme/uma')}`));
    }
    for (const other of ['audrey@acme.example', 'oscar@globex.example', 'opal@platform.example']) {
      assert.deepEqual(await portal.inbox.mailsTo(other), [], other);
    }
    const olivia = await portal.signedIn('acme/olivia');
    const path = `/security/activity/${await eventOf(portal, 'acme/olivia', 'sign-in.succeeded')}/disavowal`;
    await olivia.submit(path, path);
    assert.equal(
      (await portal.inbox.mailsTo('olivia@acme.example')).filter(({ subject }) => /olivia/i.test(subject)).length,
      0,
    );
    assert.match((await portal.inbox.newestTo('adam@acme.example')).subject, /olivia said/);
  });

  it('is for one’s own events: another’s, another organisation’s and no one’s are the same 404', async () => {
    await portal.signedIn('globex/gina');
    await enrol(portal, 'acme/umar');
    await sendCode(await halfSignedIn(portal, 'acme/umar'), '000000');
    const ids = [
      await eventOf(portal, 'acme/umar', 'two-factor.failed'),
      await eventOf(portal, 'acme/umar', 'sign-in.succeeded'),
      await eventOf(portal, 'globex/gina', 'sign-in.succeeded'),
      newId(),
      'not-an-id',
      `${'0'.repeat(8)}%00`,
    ];
    const _csrf = await uma.csrf('/security');
    const seen = new Set<string>();
    for (const id of ids) {
      const path = `/security/activity/${id}/disavowal`;
      const page = await uma.get(path);
      assert.equal(page.status, 404, id);
      seen.add(page.heading);
      assert.equal((await uma.post(path, { _csrf })).status, 404, id);
    }
    assert.equal(seen.size, 1);
    assert.deepEqual(await logged(portal, 'acme', 'activity.disavowed'), []);
    await halfSignedIn(portal, 'acme/umar');
  });

  it('of several at the same moment is done once', async () => {
    const path = `/security/activity/${await eventOf(portal, 'acme/uma', 'sign-in.succeeded')}/disavowal`;
    const _csrf = await uma.csrf('/security');
    const answers = await Promise.all([0, 1, 2, 3].map(() => uma.post(path, { _csrf })));
    assert.equal(
      answers.filter(({ status, location }) => status === 303 && location.includes('organization=acme')).length,
      1,
    );
    assert.equal((await logged(portal, 'acme', 'activity.disavowed')).length, 1);
    assert.equal(await Link.count({ where: { kind: 'password-reset' } }), 1);
  });

  it('asks for no password again, but for a form of this portal and somebody who is signed in', async () => {
    const path = `/security/activity/${await eventOf(portal, 'acme/uma', 'sign-in.succeeded')}/disavowal`;
    portal.clock.move(20 * MINUTE);
    assert.equal((await uma.get(path)).status, 200);
    assert.equal((await uma.post(path)).status, 403);
    assert.equal(
      (await uma.post(path, { _csrf: await uma.csrf('/security') }, { 'Sec-Fetch-Site': 'cross-site' })).status,
      403,
    );
    const visitor = portal.browser();
    assert.match((await visitor.get(path)).location, /^\/login\?next=/);
    assert.equal((await visitor.post(path, { _csrf: await visitor.csrf() })).location, '/login');
    const odd = await uma.post(path, { _csrf: await uma.csrf('/security'), id: [newId(), newId()] });
    assert.equal(odd.status, 422);
    assert.deepEqual(await logged(portal, 'acme', 'activity.disavowed'), []);
    assert.equal((await uma.submit(path, path)).status, 303);
  });
});

import assert from 'node:assert/strict';
import { Link } from '#models/link.js';
import { RecoveryCode } from '#models/recovery-code.js';
import { User } from '#models/user.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { eventOf, setPasswordWith } from '../support/disavowal.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { beginSetup, enrol, halfSignedIn, sendCode, signedInWith } from '../support/second-factor.js';

const NEW = 'quiet-lantern-orchard-57';
const UMA = 'uma@acme.example';
const EVIL = 'evil@else.example';

describe('An account that is disavowed after more was changed than the password', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const umaRow = (): Promise<User> => User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });
  const liveResets = (): Promise<number> => Link.count({ where: { kind: 'password-reset', usedAt: null } });
  const forgot = (browser = portal.browser()): Promise<Page> =>
    browser.submit('/password/forgot', '/password/forgot', { organization: 'acme', username: 'uma' });
  /** A stranger who knows the password makes the mail of the account go to themselves. */
  const takeMailbox = async (): Promise<Browser> => {
    const stranger = await portal.signedIn('acme/uma');
    await stranger.submit('/profile', '/profile', { email: EVIL });
    const path = await portal.inbox.linkTo(EVIL, '/email/confirm/');
    await stranger.submit(path, path);
    assert.equal((await umaRow()).email, EVIL);
    return portal.signedIn('acme/uma');
  };
  const disavow = async (browser: Browser, event = 'sign-in.succeeded'): Promise<Page> => {
    const path = `/security/activity/${await eventOf(portal, 'acme/uma', event)}/disavowal`;
    return browser.follow(await browser.submit(path, path));
  };
  const byMail = async (): Promise<Page> => {
    const path = await portal.inbox.linkTo(UMA, '/disavowal/');
    return portal.browser().submit(path, path);
  };

  it('with another address: no link for a new password goes to it, not even when it is asked for', async () => {
    const stranger = await takeMailbox();
    const path = await portal.inbox.linkTo(UMA, '/disavowal/');
    const page = await portal.browser().open(path);
    assert.match(page.text, /administrator of Acme sends the link/);
    assert.equal((await portal.browser().submit(path, path)).status, 303);
    assert.match((await stranger.get('/security')).location, /^\/login/);
    await forgot();
    assert.equal(await liveResets(), 0);
    for (const address of [UMA, EVIL]) {
      const { subject, text } = await portal.inbox.newestTo(address);
      assert.match(subject, /waits for an administrator/);
      assert.doesNotMatch(text, /\/password\/|\/disavowal\//);
    }
    assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).status, 422);
    assert.match(String((await logged(portal, 'acme', 'activity.disavowed'))[0]?.['details']), /"resetLink":"held"/);
  });

  it('with another address: the administrators are told of it, put it right and let the owner in', async () => {
    await takeMailbox();
    await byMail();
    const { subject, text } = await portal.inbox.newestTo('adam@acme.example');
    assert.match(subject, /waits for you/);
    assert.match(
      text,
      /Other changes lately: +E-mail address changed from u\*\*\*@a\*\*\*\.example to e\*\*\*@e\*\*\*\.example \(/,
    );
    const adam = await portal.signedIn('acme/adam');
    const account = `/admin/users/${portal.idOf('acme/uma')}`;
    assert.match((await adam.open(account)).text, /This account waits for a link from you/);
    assert.doesNotMatch((await adam.open(`/admin/users/${portal.idOf('acme/umar')}`)).text, /waits for a link/);
    await adam.submit(account, account, { email: UMA });
    await adam.submit(account, `${account}/password-reset`);
    const reset = await portal.inbox.linkTo(UMA, '/password/reset/');
    assert.equal((await setPasswordWith(portal, reset, NEW)).status, 303);
    await portal.signedIn('acme/uma', NEW);
    assert.equal((await umaRow()).resetHeld, false);
    assert.doesNotMatch((await adam.open(account)).text, /waits for a link/);
    await forgot();
    assert.equal(await liveResets(), 1, 'from then on the owner gets links as before');
  });

  it('with another address, disavowed in the browser: the page says that an administrator has to help', async () => {
    const uma = await takeMailbox();
    const login = await disavow(uma, 'email.changed');
    assert.match(login.flash, /administrator of Acme has to send you the link/);
    assert.equal(await liveResets(), 0);
  });

  it('with an address changed since what is disavowed, however long ago; but not for one that was settled before', async () => {
    const first = await portal.signedIn('acme/uma');
    const old = `/security/activity/${await eventOf(portal, 'acme/uma', 'sign-in.succeeded')}/disavowal`;
    await first.get('/security');
    portal.clock.move(20 * DAY);
    await takeMailbox();
    portal.clock.move(20 * DAY);
    const back = await portal.signedIn('acme/uma');
    assert.match((await back.open(old)).text, /administrator of Acme sends the link/);
    const newest = `/security/activity/${await eventOf(portal, 'acme/uma', 'sign-in.succeeded')}/disavowal`;
    assert.match((await back.open(newest)).text, /is mailed to e\*\*\*@e\*\*\*\.example/);
  });

  it('with an address that an administrator has put there: that one is trusted', async () => {
    await takeMailbox();
    portal.clock.move(MINUTE);
    const adam = await portal.signedIn('acme/adam');
    const account = `/admin/users/${portal.idOf('acme/uma')}`;
    await adam.submit(account, account, { email: UMA });
    const uma = await portal.signedIn('acme/uma');
    assert.match((await disavow(uma)).flash, /is on its way/);
    assert.equal((await setPasswordWith(portal, await portal.inbox.linkTo(UMA, '/password/reset/'), NEW)).status, 303);
  });

  it('with another address, at the moment somebody asks for a link: none is left that works', async () => {
    await takeMailbox();
    const path = await portal.inbox.linkTo(UMA, '/disavowal/');
    const owner = portal.browser();
    const _csrf = await owner.csrf(path);
    await Promise.all([forgot(), owner.post(path, { _csrf })]);
    assert.equal(await liveResets(), 0);
  });

  it('with two-factor authentication: it stays, and is asked for after the new password', async () => {
    const { phone } = await enrol(portal, 'acme/uma');
    const half = await halfSignedIn(portal, 'acme/uma');
    const uma = await signedInWith(portal, 'acme/uma', phone);
    await disavow(uma);
    assert.equal((await half.get('/login/two-factor')).location, '/login', 'who was half signed in begins again');
    await setPasswordWith(portal, await portal.inbox.linkTo(UMA, '/password/reset/'), NEW);
    const browser = portal.browser();
    assert.match((await browser.signIn('acme/uma', NEW)).location, /^\/login\/two-factor/);
    assert.equal((await sendCode(browser, phone.nextCode())).status, 303);
    assert.equal((await umaRow()).twoFactor, 'active');
    assert.equal(await RecoveryCode.left((await umaRow()).tenantId, portal.idOf('acme/uma')), 10);
  });

  it('with a set-up that waits: the secret that somebody else may have seen is another one', async () => {
    const stranger = await portal.signedIn('acme/uma');
    const seen = await beginSetup(portal, stranger);
    await disavow(stranger, 'two-factor.setup-started');
    await setPasswordWith(portal, await portal.inbox.linkTo(UMA, '/password/reset/'), NEW);
    const browser = portal.browser();
    await browser.signIn('acme/uma', NEW);
    const wrong = await browser.submit('/login/two-factor/setup', '/login/two-factor/setup', { code: seen.nextCode() });
    assert.equal(wrong.status, 422);
    assert.doesNotMatch(wrong.html.replace(/\s/g, ''), new RegExp(seen.secret));
  });

  it('with new recovery codes: those that somebody else has seen are worth nothing', async () => {
    const { phone } = await enrol(portal, 'acme/uma');
    const stranger = await signedInWith(portal, 'acme/uma', phone);
    await stranger.submit('/security/two-factor', '/security/recovery-codes');
    await disavow(stranger, 'recovery-codes.renewed');
    assert.equal(await RecoveryCode.left((await umaRow()).tenantId, portal.idOf('acme/uma')), 0);
  });

  it('can be disabled and enabled again by an administrator without becoming an invitation', async () => {
    await disavow(await portal.signedIn('acme/uma'));
    const adam = await portal.signedIn('acme/adam');
    const account = `/admin/users/${portal.idOf('acme/uma')}`;
    await adam.submit(account, account, { status: 'disabled' });
    assert.equal((await umaRow()).status, 'disabled');
    await adam.submit(account, account, { status: 'active' });
    assert.equal((await umaRow()).status, 'active');
    await adam.submit(account, `${account}/password-reset`);
    assert.equal((await setPasswordWith(portal, await portal.inbox.linkTo(UMA, '/password/reset/'), NEW)).status, 303);
  });
});

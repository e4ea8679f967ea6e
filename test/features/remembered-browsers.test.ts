import assert from 'node:assert/strict';
import { RememberedBrowser } from '#models/remembered-browser.js';
import { User } from '#models/user.js';
import { purge } from '#server/jobs/purge.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { hashToken } from '#server/lib/random-token.js';
import type { Browser } from '../support/browser.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import {
  beginSetup,
  enrol,
  halfSignedIn,
  isSignedIn,
  setPolicy,
  type Enrolled,
  disable,
} from '../support/second-factor.js';

const WHO = 'acme/uma';
const COOKIE = 'gatehouse-remembered';
const CODE = '/login/two-factor';

describe('A remembered browser', () => {
  let portal: Portal;
  let enrolled: Enrolled;
  let browser: Browser;
  const days = (rememberBrowserDays: number): Promise<void> => setPolicy(portal, 'acme', { rememberBrowserDays });
  const signOut = (): Promise<unknown> => browser.submit('/security', '/logout');
  const asksForCode = async (who = WHO): Promise<boolean> =>
    (await browser.tryToSignIn(who, PASSWORD)).location.startsWith('/login/two-factor');
  const signInAndRemember = async (): Promise<void> => {
    await halfSignedIn(portal, WHO, browser);
    const answer = await browser.submit(CODE, CODE, { code: enrolled.phone.nextCode(), remember: 'on' });
    assert.equal(answer.location, '/');
  };
  beforeEach(async () => {
    portal = await startPortal();
    enrolled = await enrol(portal, WHO);
    await days(7);
    browser = portal.browser();
  });
  afterEach(() => portal.close());

  it('is not offered unless the policy allows it, and not made by who asks for it all the same', async () => {
    await days(0);
    await halfSignedIn(portal, WHO, browser);
    assert.ok(!(await browser.get(CODE)).html.includes('name="remember"'));
    await browser.submit(CODE, CODE, { code: enrolled.phone.nextCode(), remember: 'on' });
    assert.ok(!browser.cookies.has(COOKIE));
    assert.equal(await RememberedBrowser.count(), 0);
  });

  it('is not made unless it is asked for', async () => {
    await halfSignedIn(portal, WHO, browser);
    assert.match((await browser.get(CODE)).text, /Do not ask for a code in this browser for 7 days/);
    await browser.submit(CODE, CODE, { code: enrolled.phone.nextCode() });
    await signOut();
    assert.ok(await asksForCode());
  });

  it('is asked for the password alone, for so many days', async () => {
    await signInAndRemember();
    await signOut();
    assert.ok(!(await asksForCode()));
    assert.ok(await isSignedIn(browser));
    await signOut();
    portal.clock.move(7 * DAY - MINUTE);
    assert.ok(!(await asksForCode()));
    await signOut();
    portal.clock.move(MINUTE);
    assert.ok(await asksForCode());
  });

  it('carries a token in a cookie that no script reads; only its hash is kept', async () => {
    await halfSignedIn(portal, WHO, browser);
    const answer = await browser.submit(CODE, CODE, { code: enrolled.phone.nextCode(), remember: 'on' });
    const cookie = [answer.headers['set-cookie']].flat().find((one) => one?.startsWith(COOKIE)) ?? '';
    assert.match(cookie, /Max-Age=604800; Path=\/; .*HttpOnly; SameSite=Lax/);
    const row = await RememberedBrowser.findOne({ rejectOnEmpty: true });
    assert.equal(row.tokenHash, hashToken(browser.cookies.get(COOKIE) ?? ''));
  });

  it('has a cookie that goes over https to this host alone, as the challenge before it', async () => {
    await portal.close();
    portal = await startPortal({ env: { BASE_URL: 'https://portal.example', TRUST_PROXY: '1' } });
    enrolled = await enrol(portal, WHO);
    await days(7);
    browser = portal.browser();
    await signInAndRemember();
    assert.ok(browser.cookies.has(`__Host-${COOKIE}`));
    const answer = await portal.browser().tryToSignIn(WHO, PASSWORD);
    const cookie = [answer.headers['set-cookie']].flat().find((one) => one?.includes('challenge')) ?? '';
    assert.match(cookie, /^__Host-gatehouse-challenge=.*Path=\/; .*HttpOnly; Secure; SameSite=Lax$/);
  });

  it('is asked for a code before a sensitive step: it has only given the password', async () => {
    await signInAndRemember();
    await signOut();
    portal.clock.move(11 * MINUTE);
    assert.ok(!(await asksForCode()));
    const answer = await browser.get('/security/two-factor/removal');
    assert.match(answer.location, /^\/confirm\?/);
    assert.ok('code' in (await browser.follow(answer)).form('/confirm'));
    assert.equal((await User.findByPk(portal.idOf(WHO)))?.twoFactor, 'active');
  });

  it('is remembered for one user: another who signs in in it is asked for a code', async () => {
    await signInAndRemember();
    await signOut();
    await enrol(portal, 'acme/umar');
    assert.ok(await asksForCode('acme/umar'));
  });

  it('does not spare anybody the set-up', async () => {
    await signInAndRemember();
    await beginSetup(portal, browser);
    await signOut();
    assert.equal((await browser.tryToSignIn(WHO, PASSWORD)).location, '/login/two-factor/setup');
  });

  it('is forgotten with another password, another secret, and a factor that is disabled', async () => {
    const newPassword = 'copper-lantern-meadow-19';
    await signInAndRemember();
    await browser.submit('/security', '/security/password', {
      currentPassword: PASSWORD,
      newPassword,
      confirmPassword: newPassword,
    });
    await signOut();
    assert.equal((await browser.tryToSignIn(WHO, newPassword)).location, CODE);
    await browser.submit(CODE, CODE, { code: enrolled.phone.nextCode(), remember: 'on' });
    await disable(browser, enrolled.phone, newPassword);
    const phone = await beginSetup(portal, browser);
    await browser.submit('/security/two-factor', '/security/two-factor/confirmation', { code: phone.code() });
    assert.equal((await browser.tryToSignIn(WHO, newPassword)).location, CODE);
  });

  it('is forgotten when the policy no longer allows it, or for fewer days', async () => {
    await signInAndRemember();
    await signOut();
    portal.clock.move(3 * DAY);
    await days(2);
    assert.ok(await asksForCode());
    await days(0);
    assert.ok(await asksForCode());
    await days(7);
    assert.ok(!(await asksForCode()));
  });

  it('is listed under the sessions, and can be forgotten there', async () => {
    await signInAndRemember();
    const page = await browser.get('/security/sessions');
    assert.match(page.text, /Remembered browsers.*Firefox/);
    const action = page.links().find((one) => one.startsWith('/security/remembered-browsers/')) ?? '';
    const answer = await browser.submit('/security/sessions', action);
    assert.match((await browser.follow(answer)).flash, /no longer remembered/);
    assert.doesNotMatch((await browser.get('/security/sessions')).text, /Remembered browsers/);
    await signOut();
    assert.ok(await asksForCode());
  });

  it('is not shown as remembered while the policy does not allow it', async () => {
    await signInAndRemember();
    await days(0);
    assert.doesNotMatch((await browser.get('/security/sessions')).text, /Remembered browsers/);
  });

  it('can be forgotten by its owner alone', async () => {
    await signInAndRemember();
    const { id } = await RememberedBrowser.findOne({ rejectOnEmpty: true });
    for (const who of ['acme/umar', 'globex/oscar', 'acme/olivia']) {
      const other = await portal.signedIn(who);
      const answer = await other.post(`/security/remembered-browsers/${id}/removal`, {
        _csrf: await other.csrf('/security'),
      });
      assert.equal(answer.status, 404, who);
    }
    assert.equal(await RememberedBrowser.count({ where: { endedAt: null } }), 1);
  });

  it('leaves nothing behind a month after its time', async () => {
    await signInAndRemember();
    portal.clock.move(7 * DAY + 29 * DAY);
    await purge(portal.services);
    assert.equal(await RememberedBrowser.count(), 1);
    portal.clock.move(2 * DAY);
    await purge(portal.services);
    assert.equal(await RememberedBrowser.count(), 0);
  });
});

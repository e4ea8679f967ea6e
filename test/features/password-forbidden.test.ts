import assert from 'node:assert/strict';
import { Passkey } from '#models/passkey.js';
import { RecoveryCode } from '#models/recovery-code.js';
import { Authenticator } from '../support/authenticator.js';
import type { Browser, Page } from '../support/browser.js';
import { basic, call } from '../support/credentials.js';
import { clearCounters, keepRows } from '../support/database.js';
import { mailResetLink } from '../support/links.js';
import { enterPass, PASS_SETUP, passFor } from '../support/passes.js';
import {
  ALONE,
  NEW_PASSKEY,
  PASSKEYS,
  addPasskey,
  forbidPasswords,
  sendPasskey,
  signInAlone,
  withPasskey,
} from '../support/passkeys.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { generateFor, programOf } from '../support/programs.js';
import { codesOn, enrol, halfSignedIn, isSignedIn, sendCode, setPolicy } from '../support/second-factor.js';
import { newestDetails } from '../support/log.js';
import { addSomebody, pageOf, userCalled } from '../support/users.js';

const DAY = 86_400_000;
const MINUTE = 60_000;
const NEW_PASSWORD = 'copper-lantern-meadow-57';
const typedTwice = { newPassword: NEW_PASSWORD, confirmPassword: NEW_PASSWORD };

describe('Where an organisation lets nobody sign in with a password', () => {
  let portal: Portal;
  let who: string;
  let putBack: () => Promise<void>;
  let count = 0;
  before(async () => {
    portal = await startPortal();
    putBack = await keepRows(portal.database, { security_policies: 'tenant_id' });
  });
  beforeEach(async () => {
    who = `acme/ward${(count += 1)}`;
    await addSomebody(portal, who, 'user');
  });
  afterEach(async () => {
    await putBack();
    await clearCounters(portal.database);
  });
  after(() => portal.close());

  const where = async (browser: Browser): Promise<string> => (await browser.get('/security')).location;
  const byKey = async (key: Authenticator): Promise<Browser> => {
    const browser = portal.browser();
    assert.equal((await signInAlone(browser, key)).status, 303);
    return browser;
  };

  it('the password of who has enough passkeys is answered, counted and logged as a wrong one', async () => {
    await withPasskey(portal, who);
    await forbidPasswords(portal);
    const right = await portal.browser().tryToSignIn(who, PASSWORD);
    assert.equal((await newestDetails(portal, 'acme', 'sign-in.failed'))['reason'], 'passwords open nothing');
    const wrong = await portal.browser().tryToSignIn(who, `${PASSWORD}x`);
    const nobody = await portal.browser().tryToSignIn('acme/nobody-at-all', PASSWORD);
    for (const answer of [wrong, nobody]) assert.deepEqual(told(answer), told(right));
    assert.equal(right.status, 422);
    const points = await portal.database.read('SELECT points FROM throttles WHERE key = $1', [
      `account/${(await userCalled(portal, who)).id}`,
    ]);
    assert.equal(Number(points[0]?.['points']), 2);
  });

  it('it opens nothing by a program either, while an API password does', async () => {
    await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
    const secret = await generateFor(portal, who, 'password');
    assert.equal((await call(portal, '/me', basic(who, PASSWORD))).status, 200);
    await forbidPasswords(portal);
    assert.equal((await call(portal, '/me', basic(who, PASSWORD))).status, 401);
    assert.equal((await call(portal, '/me', basic(who, secret))).status, 200);
  });

  it('a sign-in that had the password before the change is not completed after it', async () => {
    const { phone } = await enrol(portal, who);
    const { id: userId } = await userCalled(portal, who);
    const browser = await halfSignedIn(portal, who);
    await forbidPasswords(portal, 0);
    assert.equal((await sendCode(browser, phone.nextCode())).status, 409);
    assert.equal(await isSignedIn(browser), false);
    assert.equal(await Passkey.count({ where: { userId } }), 0);
  });

  it('a mailed link for a new one signs nobody in, and neither does what it has set', async () => {
    await withPasskey(portal, who);
    await forbidPasswords(portal);
    const browser = portal.browser();
    const path = await mailResetLink(portal, who);
    assert.equal((await browser.submit(path, path, typedTwice)).location, '/login?organization=acme');
    assert.equal(await isSignedIn(browser), false);
    assert.equal((await browser.tryToSignIn(who, NEW_PASSWORD)).status, 422);
  });

  it('it confirms nothing: a passkey does', async () => {
    const { key } = await withPasskey(portal, who);
    await forbidPasswords(portal);
    const browser = await byKey(key);
    portal.clock.move(11 * MINUTE);
    const page = await browser.open('/confirm?next=/security');
    assert.equal(page.document.querySelector('input[name=password]'), null);
    const _csrf = page.valueOf('_csrf');
    const refused = await browser.post('/confirm', { _csrf, password: PASSWORD });
    assert.equal(refused.status, 422);
    assert.match(refused.alert, /confirms nothing/);
    const beside = await browser.post('/confirm/passkey', { _csrf, password: PASSWORD, credential: key.get(page) });
    assert.equal(beside.status, 422);
    assert.match((await browser.get(NEW_PASSKEY)).location, /^\/confirm/);
    const again = await browser.open('/confirm?next=/security');
    const answer = { ...again.form('/confirm/passkey'), credential: key.get(again) };
    assert.equal((await browser.post('/confirm/passkey', answer)).status, 303);
    assert.equal((await browser.get(NEW_PASSKEY)).status, 200);
  });

  it('the page of it says that it opens nothing, and there is nothing to change', async () => {
    const { key } = await withPasskey(portal, who);
    await forbidPasswords(portal);
    const browser = await byKey(key);
    const page = await browser.open('/security');
    assert.match(page.text, /Password for login It opens nothing/);
    assert.equal(page.document.querySelector('form[action="/security/password"]'), null);
    const sent = { _csrf: page.valueOf('_csrf'), currentPassword: PASSWORD, ...typedTwice };
    const answer = await browser.post('/security/password', sent);
    assert.equal(answer.status, 409);
  });

  it('nobody is made to choose another, which would open nothing', async () => {
    const { key } = await withPasskey(portal, who);
    await forbidPasswords(portal);
    await (await userCalled(portal, who)).update({ mustChangePassword: true });
    assert.equal(await where(await byKey(key)), '');
    await setPolicy(portal, 'acme', { passwordSignIn: 'allowed' });
    assert.equal(await where(await byKey(key)), '/login/password');
  });

  it('an account is deleted by its owner with a passkey, shown a moment ago', async () => {
    const { key } = await withPasskey(portal, who);
    await forbidPasswords(portal);
    const browser = await byKey(key);
    const username = who.split('/')[1] ?? '';
    portal.clock.move(11 * MINUTE);
    assert.match((await browser.get('/account/removal')).location, /^\/confirm/);
    const page = await browser.open('/confirm?next=/account/removal');
    await browser.post('/confirm/passkey', { ...page.form('/confirm/passkey'), credential: key.get(page) });
    const form = await browser.open('/account/removal');
    assert.equal(form.document.querySelector('input[name=password]'), null);
    const answer = await browser.post('/account/removal', { ...form.form('/account/removal'), username });
    assert.equal(answer.status, 303);
    assert.equal(await isSignedIn(browser), false);
  });

  it('while the days of grace run, the password of who has not enough leads to where they add one, and no further', async () => {
    await forbidPasswords(portal, 7);
    const browser = await portal.signedIn(who);
    for (const path of ['/security', '/security/passkeys', '/profile', '/login/password', '/admin'])
      assert.match((await browser.get(path)).location, /^(\/security\/passkeys\/new|\/)$/, path);
    const page = await browser.open(NEW_PASSKEY);
    assert.match(page.text, /lets passwords open nothing but this page/);
    const added = await addPasskey(browser, new Authenticator());
    assert.equal(codesOn(added).length, 10);
    assert.equal(await where(browser), '', 'It has been shown.');
    assert.equal((await portal.browser().tryToSignIn(who, PASSWORD)).status, 422, 'From then on it opens nothing.');
  });

  it('afterwards it leads nowhere, with a second factor or without: an access pass does', async () => {
    await enrol(portal, who);
    await forbidPasswords(portal, 7);
    portal.clock.move(7 * DAY);
    assert.equal((await portal.browser().tryToSignIn(who, PASSWORD)).status, 422);
    const browser = portal.browser();
    await enterPass(browser, who, await passFor(portal, who));
    const setup = await browser.open(PASS_SETUP);
    assert.ok(!setup.links().includes('/login/password'));
    assert.equal((await addPasskey(browser, new Authenticator())).status, 303);
    assert.equal(await where(browser), PASS_SETUP);
  });

  it('enough is two passkeys, or one and a recovery code: with less, nothing goes on once grace is over', async () => {
    const { key } = await withPasskey(portal, who);
    await forbidPasswords(portal, 7);
    const { id: userId } = await userCalled(portal, who);
    await RecoveryCode.update({ usedAt: 1 }, { where: { userId } });
    const early = await byKey(key);
    assert.match(
      (await early.open('/security')).text,
      /passkeys that sign you in alone.* From .* on you can go nowhere/,
    );
    portal.clock.move(7 * DAY);
    const browser = await byKey(key);
    assert.equal(await where(browser), NEW_PASSKEY);
    assert.equal((await addPasskey(browser, new Authenticator())).status, 303);
    assert.equal(await where(browser), '');
  });

  it('a passkey that could not sign in alone is not taken, and one that could is let do so', async () => {
    await setPolicy(portal, 'acme', { passkeys: 'second-factor' });
    const { key } = await withPasskey(portal, who);
    await setPolicy(portal, 'acme', { passkeys: 'passwordless' });
    await forbidPasswords(portal);
    const browser = await halfSignedIn(portal, who);
    await sendPasskey(browser, key);
    assert.match((await browser.open('/security')).text, /you can go nowhere else until it is done/);
    const refused = await addPasskey(browser, new Authenticator(), { odd: { verified: false } });
    assert.match(refused.alert, /asks for no PIN/);
    const { id } = await Passkey.findOne({ where: { credentialId: key.id }, rejectOnEmpty: true });
    const path = `${PASSKEYS}/${id}`;
    assert.ok((await browser.open(NEW_PASSKEY)).links().includes(path));
    assert.equal((await browser.submit(path, path, { signInAlone: 'on' })).status, 303);
    assert.equal(await where(browser), '');
    const back = await browser.post(path, { ...(await browser.open(path)).form(path), signInAlone: [] });
    assert.match(back.alert, /is of no use/);
  });

  it('nobody removes what they need to sign in', async () => {
    const { key } = await withPasskey(portal, who);
    await forbidPasswords(portal);
    const browser = await byKey(key);
    const { id } = await Passkey.findOne({ where: { credentialId: key.id }, rejectOnEmpty: true });
    const kept = await browser.get(`${PASSKEYS}/${id}/removal`);
    assert.equal(kept.status, 409);
    assert.match(kept.text, /you need two passkeys that sign you in alone, or one and recovery codes/);
    assert.equal((await addPasskey(browser, new Authenticator())).status, 303);
    assert.equal((await browser.get(`${PASSKEYS}/${id}/removal`)).status, 200);
  });

  it('who is signed in without a passkey is asked for one with the next click', async () => {
    const { key } = await withPasskey(portal, who);
    const browser = await halfSignedIn(portal, who);
    await sendPasskey(browser, key);
    const other = await portal.signedIn('acme/olivia');
    await forbidPasswords(portal);
    assert.equal(await where(browser), '');
    assert.equal(await where(other), NEW_PASSKEY);
    assert.equal((await other.get('/admin/users')).location, NEW_PASSKEY);
  });

  it('no link that asks for the password is mailed with a factor that an administrator takes away', async () => {
    const { id, email } = await userCalled(portal, who);
    await withPasskey(portal, who);
    const adam = await withPasskey(portal, 'acme/adam');
    await forbidPasswords(portal, 0);
    const browser = await byKey(adam.key);
    const [one] = await Passkey.findAll({ where: { userId: id } });
    const path = `${pageOf(id)}/passkeys/${one?.id ?? ''}/removal`;
    assert.equal((await browser.submit(path, path, { reason: 'Lost' })).status, 303);
    assert.ok(!(await portal.inbox.mailsTo(email)).some(({ text }) => text.includes('/recovery/setup/')));
    assert.equal((await portal.browser().tryToSignIn(who, PASSWORD)).status, 422);
  });

  it('programs of who has enough go on, and those of service accounts', async () => {
    const program = await programOf(portal, who);
    const robo = await programOf(portal, 'acme/robo');
    await forbidPasswords(portal, 7);
    assert.equal((await program.get('/me')).status, 200);
    portal.clock.move(8 * DAY);
    const refused = await program.get('/me');
    assert.match(String(refused.body['detail']), /must add a passkey first/);
    assert.equal((await robo.get('/me')).status, 200);
    await setPolicy(portal, 'acme', { passwordSignIn: 'allowed' });
    await withPasskey(portal, who);
    await forbidPasswords(portal, 7);
    assert.equal((await program.get('/me')).status, 200);
  });

  it('people of other organisations go on as before', async () => {
    await forbidPasswords(portal, 0);
    assert.equal(await where(await portal.signedIn('globex/gina')), '');
    const page = await portal.browser().open('/login');
    assert.ok(page.document.querySelector(`form[action="${ALONE}"]`));
  });
});

/** What a page tells of why it came again. */
function told(page: Page): unknown[] {
  return [page.status, page.alert, page.headers['retry-after'], page.document.querySelectorAll('form').length];
}

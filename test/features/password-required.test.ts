import assert from 'node:assert/strict';
import { SecurityPolicy } from '#models/security-policy.js';
import { Session } from '#models/session.js';
import { User } from '#models/user.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { routes } from '#server/features/index.js';
import { Authenticator } from '../support/authenticator.js';
import { ANOTHER_TAB, type Browser, type Page } from '../support/browser.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { NEW_PASSKEY, PASSKEYS } from '../support/passkeys.js';
import { pathOf, titleOf } from '../support/routes.js';
import { letInTogether } from '../support/together.js';

const PAGE = '/login/password';
const NEW = 'copper lantern meadow 9';

describe('A password that must be changed', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  beforeEach(async () => {
    const passwordHash = await portal.services.passwords.hash(PASSWORD);
    await User.update(
      { passwordHash, passwordChangedAt: portal.clock.now(), mustChangePassword: true },
      { where: { id: portal.idOf('acme/uma') } },
    );
    await SecurityPolicy.update({ maxAgeDays: 0 }, { where: {} });
  });
  after(() => portal.close());

  const set = (browser: Browser, newPassword: string, confirmPassword = newPassword): Promise<Page> =>
    browser.submit(PAGE, PAGE, { newPassword, confirmPassword });

  it('is asked for right after the sign-in, on a page that says why and lists the rules', async () => {
    const browser = portal.browser();
    const page = await browser.follow(await browser.tryToSignIn('acme/uma', PASSWORD));
    assert.equal(page.path, PAGE);
    assert.equal(page.heading, 'Choose a new password');
    assert.match(page.text, /before you go on.*At least 15 characters/);
    assert.ok(
      page.document.querySelector('input[autocomplete=username][value=uma]'),
      'A password manager knows whose it is.',
    );
    assert.equal(page.document.querySelector('nav'), null, 'There is no menu that would lead nowhere.');
    assert.ok(page.forms().includes('/logout'), 'There is a way out.');
  });

  it('lets its owner reach no page and send no form until then, but what leads there or out', async () => {
    const browser = await portal.signedIn('acme/uma');
    const csrf = await browser.csrf(PAGE);
    const open = [PAGE, '/logout', '/confirm', '/confirm/passkey'];
    const bound = routes.filter(({ access, path }) => access.who !== 'anyone' && !open.includes(path));
    for (const route of bound) {
      const path = pathOf(route);
      // A form is told apart by its token; what is in it is not looked at.
      const page = route.method === 'get' ? await browser.get(path) : await browser.post(path, { _csrf: csrf });
      assert.equal((await browser.follow(page)).path, PAGE, titleOf(route));
    }
    const page = await (await portal.signedIn('acme/umar')).open(NEW_PASSKEY);
    const made = { _csrf: csrf, name: '', credential: new Authenticator().create(page) };
    assert.equal((await browser.post(PASSKEYS, made)).location, PAGE, 'Nor adds a passkey.');
  });

  it('lets its owner reach nothing else until then, and everything afterwards', async () => {
    const browser = await portal.signedIn('acme/uma');
    for (const path of [
      '/',
      '/security',
      '/security/sessions',
      '/security/activity',
      '/profile',
      '/login?next=/security',
    ]) {
      assert.equal((await browser.open(path)).path, PAGE, path);
    }
    const old = browser.cookies.get('gatehouse');
    const answer = await set(browser, NEW);
    assert.equal(answer.status, 303);
    const page = await browser.follow(answer);
    assert.equal(page.path, '/security');
    assert.equal(page.flash, 'Your new password is set.');
    assert.notEqual(browser.cookies.get('gatehouse'), old);
    assert.equal((await browser.get(PAGE)).location, '/', 'There is nothing more to do there.');
    assert.equal((await portal.browser().tryToSignIn('acme/uma', NEW)).status, 303);
  });

  it('is not replaced by itself, nor by one that the rules refuse', async () => {
    const browser = await portal.signedIn('acme/uma');
    assert.match((await set(browser, PASSWORD)).errorOf('newPassword'), /your present password/);
    assert.match((await set(browser, PASSWORD.normalize('NFD'))).errorOf('newPassword'), /your present password/);
    assert.match((await set(browser, 'too short')).errorOf('newPassword'), /too short/);
    assert.match((await set(browser, NEW, `${NEW}.`)).errorOf('confirmPassword'), /differ/);
    assert.equal((await browser.open('/security')).path, PAGE);
  });

  it('is one that has reached the age of the policy too, from that moment on', async () => {
    await User.update({ mustChangePassword: false }, { where: { id: portal.idOf('acme/uma') } });
    await SecurityPolicy.update({ maxAgeDays: 90 }, { where: {} });
    const changed = (at: number) => User.update({ passwordChangedAt: at }, { where: { id: portal.idOf('acme/uma') } });
    const browser = await portal.signedIn('acme/uma');
    await changed(portal.clock.now() - 90 * DAY + MINUTE);
    assert.equal((await browser.open('/security')).path, '/security');
    await changed(portal.clock.now() - 90 * DAY);
    const page = await browser.open('/security');
    assert.equal(page.path, PAGE);
    assert.match(page.text, /reached the age/);
    assert.equal((await set(browser, NEW)).status, 303);
    assert.equal((await browser.open('/security')).path, '/security');
  });

  it('is not set anew by whoever finds the browser open: after ten minutes the old one is asked for', async () => {
    const browser = await portal.signedIn('acme/uma');
    const form = (await browser.get(PAGE)).form(PAGE);
    portal.clock.move(11 * MINUTE);
    const late = await browser.post(PAGE, { ...form, newPassword: NEW, confirmPassword: NEW });
    assert.match(late.location, /^\/confirm\?kept=/);
    const page = await browser.open('/');
    assert.deepEqual([page.path, page.heading], ['/confirm?next=%2Flogin%2Fpassword', 'Confirm that it is you']);
    const wrong = await browser.post('/confirm', { ...page.form('/confirm'), password: NEW });
    assert.equal(wrong.status, 422);
    const confirmed = await browser.follow(
      await browser.post('/confirm', { ...page.form('/confirm'), password: PASSWORD }),
    );
    assert.equal(confirmed.path, PAGE);
    assert.equal((await set(browser, NEW)).status, 303);
  });

  it('ends every other session of its owner when it is set', async () => {
    await User.update({ mustChangePassword: false }, { where: { id: portal.idOf('acme/uma') } });
    await Session.destroy({ where: {} });
    const other = await portal.signedIn('acme/uma');
    await User.update({ mustChangePassword: true }, { where: { id: portal.idOf('acme/uma') } });
    const browser = await portal.signedIn('acme/uma');
    await set(browser, NEW);
    assert.equal((await other.get('/security')).location, '/login?next=%2Fsecurity');
    assert.equal(await Session.count({ where: { endedAt: null } }), 1);
  });

  it('is set once when it is sent twice at the same moment', async () => {
    const browser = await portal.signedIn('acme/uma');
    const form = { ...(await browser.get(PAGE)).form(PAGE), newPassword: NEW, confirmPassword: NEW, ...ANOTHER_TAB };
    const tab = portal.browser();
    for (const [name, value] of browser.cookies) tab.cookies.set(name, value);
    letInTogether(portal, 2);
    const answers = await Promise.all([browser.post(PAGE, form), tab.post(PAGE, form)]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 409]);
  });
});

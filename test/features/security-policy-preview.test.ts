import assert from 'node:assert/strict';
import { SecurityPolicy } from '#models/security-policy.js';
import { Session } from '#models/session.js';
import { User } from '#models/user.js';
import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { newestDetails, rowsOf } from '../support/log.js';
import { enrol, signedInWith } from '../support/second-factor.js';
import { startPortal, type Portal } from '../support/portal.js';

const PATH = '/admin/security-policy';
const PREVIEW = '/admin/security-policy/preview';

describe('Before the security policy is saved, the page shows what the change will do', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const preview = async (browser: Browser, fields: Record<string, string>) =>
    browser.post(PREVIEW, { ...(await browser.open(PATH)).form(PATH), ...fields });
  const passwordsAged = async (who: string, days: number): Promise<void> => {
    await User.update({ passwordChangedAt: portal.clock.now() - days * DAY }, { where: { id: portal.idOf(who) } });
  };
  const openSessions = async (who: string): Promise<number> =>
    Session.count({ where: { userId: portal.idOf(who), endedAt: null } });

  it('It lists each value as it is and as it will be, saves nothing, and its button saves just that', async () => {
    const adam = await portal.signedIn('acme/adam');
    const page = await preview(adam, { minLength: '20', requireDigit: 'on', maxSessions: '4' });
    assert.equal(page.status, 200);
    assert.equal(page.heading, 'Review the change');
    assert.match(page.text, /Minimum length\s*15 characters\s*20 characters/);
    assert.match(page.text, /Digit needed\s*No\s*Yes/);
    assert.match(page.text, /Sessions at once\s*20 sessions\s*4 sessions/);
    assert.match(page.text, /Preset\s*NIST SP 800-63B\s*Custom/);
    assert.match(page.text, /Passwords in use stay valid/);
    assert.deepEqual(
      (await rowsOf(portal, 'acme')).filter(({ event }) => event.startsWith('policy')),
      [],
    );
    assert.equal((await adam.post(PATH, page.form(PATH))).status, 303);
    const details = await newestDetails(portal, 'acme', 'policy.changed');
    assert.deepEqual(details, {
      preset: { from: 'nist', to: 'custom' },
      minLength: { from: 15, to: 20 },
      requireDigit: { from: false, to: true },
      maxSessions: { from: 20, to: 4 },
    });
  });

  it('A preset is reviewed and saved with two buttons, without a script', async () => {
    const adam = await portal.signedIn('acme/adam');
    const page = await adam.open(PATH);
    const buttons = page.document
      .querySelectorAll(`form[action="${PREVIEW}"] input[name=preset]`)
      .map((input) => input.getAttribute('value'));
    assert.deepEqual(buttons, ['pci', 'classic'], 'the one in use needs none');
    const review = await adam.post(PREVIEW, { _csrf: page.valueOf('_csrf'), preset: 'classic' });
    assert.match(review.text, /Capital letter needed\s*No\s*Yes/);
    await adam.post(PATH, review.form(PATH));
    assert.match((await adam.open(PATH)).text, /Classic In use/);
  });

  it('It says so when nothing would change', async () => {
    const page = await preview(await portal.signedIn('acme/adam'), {});
    assert.match(page.text, /Nothing would change/);
    assert.deepEqual(
      page.forms().filter((action) => action === PATH),
      [],
    );
  });

  it('It counts who must choose a new password at once, and those must, with their next request', async () => {
    const [adam, uma, umar] = await Promise.all(
      ['acme/adam', 'acme/uma', 'acme/umar'].map((who) => portal.signedIn(who)),
    );
    await passwordsAged('acme/uma', 31);
    await passwordsAged('acme/umar', 29);
    // Neither counts: one is out of it, the other must change it anyway, and another organisation is another's.
    await passwordsAged('acme/audrey', 400);
    await User.update({ status: 'disabled' }, { where: { id: portal.idOf('acme/audrey') } });
    await passwordsAged('acme/olivia', 400);
    await User.update({ mustChangePassword: true }, { where: { id: portal.idOf('acme/olivia') } });
    await passwordsAged('globex/gina', 400);
    const page = await preview(adam!, { maxAgeDays: '30' });
    assert.match(page.text, /One person must choose a new password at once/);
    assert.equal((await uma!.get('/security')).status, 200);
    await adam!.post(PATH, page.form(PATH));
    assert.equal((await uma!.get('/security')).location, '/login/password');
    assert.equal((await umar!.get('/security')).status, 200);
    assert.match(
      (await preview(adam!, { maxAgeDays: '20' })).text,
      /One person must choose a new password at once/,
      'who must already is not counted again',
    );
  });

  it('It counts the sessions that a smaller number of sessions ends; the oldest end, and the one that saves stays', async () => {
    const adam = await portal.signedIn('acme/adam');
    for (let more = 0; more < 3; more += 1) await portal.signedIn('acme/adam');
    const [first, second] = [await portal.signedIn('acme/uma'), await portal.signedIn('acme/uma')];
    const elsewhere = [await portal.signedIn('globex/gina'), await portal.signedIn('globex/gina')];
    const page = await preview(adam, { maxSessions: '1' });
    assert.match(page.text, /4 sessions of 2 people end/);
    assert.doesNotMatch(page.text, /Your own session/);
    assert.equal(await openSessions('acme/adam'), 4, 'nothing has happened yet');
    const answer = await adam.post(PATH, page.form(PATH));
    assert.match((await adam.follow(answer)).flash, /4 sessions have been ended/);
    assert.equal(await openSessions('acme/adam'), 1);
    assert.match((await first.get('/security')).location, /^\/login/);
    assert.equal((await second.get('/security')).status, 200);
    for (const browser of elsewhere) assert.equal((await browser.get('/security')).status, 200);
    assert.equal((await newestDetails(portal, 'acme', 'policy.changed'))['sessionsEnded'], 4);
  });

  it('It counts the sessions that have been idle, or open, too long for the new limits', async () => {
    const [idle, old] = [await portal.signedIn('acme/uma'), await portal.signedIn('acme/umar')];
    portal.clock.move(10 * MINUTE);
    const adam = await portal.signedIn('acme/adam');
    assert.match((await preview(adam, { sessionIdleMinutes: '9' })).text, /2 sessions of 2 people end/);
    await old.get('/security');
    assert.match((await preview(adam, { sessionIdleMinutes: '9' })).text, /One session of one person ends/);
    assert.match((await preview(adam, { sessionIdleMinutes: '11' })).text, /no session ends/);
    for (let minute = 0; minute < 60; minute += 20) {
      portal.clock.move(20 * MINUTE);
      await old.get('/security');
      await adam.get('/security');
    }
    await adam.stepUp('plum-harbour-violet-84');
    assert.match(
      (await preview(adam, { sessionMaxHours: '1' })).text,
      /2 sessions of 2 people end\. Your own session is one of them/,
    );
    assert.match((await idle.get('/security')).location, /^\/login/);
  });

  it('A session that a stricter policy ended stays ended when the policy is loosened again', async () => {
    const uma = await portal.signedIn('acme/uma');
    portal.clock.move(10 * MINUTE);
    const adam = await portal.signedIn('acme/adam');
    for (const sessionIdleMinutes of ['5', '30']) await adam.submit(PATH, PATH, { sessionIdleMinutes });
    assert.match((await uma.get('/security')).location, /^\/login/);
  });

  it('An admin whose own session ends by it is led to the sign-in page, and the change is there', async () => {
    await SecurityPolicy.update({ sessionMaxHours: 12, stepUpMinutes: 60 }, { where: {} });
    const adam = await portal.signedIn('acme/adam');
    await Session.update({ createdAt: portal.clock.now() - 2 * HOUR }, { where: { userId: portal.idOf('acme/adam') } });
    const answer = await adam.submit(PATH, PATH, { sessionMaxHours: '1' });
    assert.equal(answer.status, 303);
    const page = await adam.follow(answer);
    assert.equal(page.heading, 'Sign in');
    assert.match(page.flash, /security policy has been changed/);
  });

  it('It says “you too” to whoever would have to set up a second factor, and “at once” where no days are given', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    const days = await preview(olivia, { twoFactor: 'required', graceDays: '7' });
    assert.match(days.text, /You are one of them You have not set up.*You must by \d/);
    assert.doesNotMatch(days.text, /at once/);
    const none = await preview(olivia, { twoFactor: 'required', graceDays: '0' });
    assert.match(none.text, /You are one of them.*your next click leads to the set-up/);
    assert.match(none.text, /people must set up two-factor authentication at once: with their next click/);
    assert.ok(none.links().includes('/security/two-factor'));

    const setUp = await olivia.follow(await olivia.post(PATH, none.form(PATH)));
    assert.equal(setUp.path, '/login/two-factor/setup');
    assert.match(setUp.flash, /The security policy has been changed/);
  });

  it('It says it not to whoever has one', async () => {
    const { phone } = await enrol(portal, 'acme/olivia');
    const page = await preview(await signedInWith(portal, 'acme/olivia', phone), {
      twoFactor: 'required',
      graceDays: '0',
    });
    assert.match(page.text, /at once: with their next click/);
    assert.doesNotMatch(page.text, /You are one of them/);
  });
});

import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { endGrace } from '#server/jobs/account-removals.js';
import { DAY, MINUTE, SECOND } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { leave, stay, WITHDRAWAL } from '../support/leaving.js';
import { mailResetLink } from '../support/links.js';
import { ALONE, withPasskey } from '../support/passkeys.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { enrol, halfSignedIn } from '../support/second-factor.js';
import { addSomebody } from '../support/users.js';

const CODE = '/login/two-factor';

describe('An account is gone from the moment that its owner was told, whenever it is erased', () => {
  let portal: Portal;
  let user: User;
  let who: string;
  let count = 0;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  beforeEach(async () => {
    who = `acme/leaver${(count += 1)}`;
    user = await addSomebody(portal, who, 'user');
  });

  /** To so long before the end of the days of grace. */
  const moveTo = async (before: number): Promise<void> => {
    const { removalAt } = await user.reload();
    portal.clock.move((removalAt ?? 0) - before - portal.clock.now());
  };
  const ask = (code?: string) =>
    portal.signedIn(who).then((browser) => leave(browser, who.slice(5), code === undefined ? {} : { code }));
  /** A sign-in shows the one button that takes it back. */
  const showsTheWayBack = async (browser: Browser): Promise<boolean> => (await browser.get(WITHDRAWAL)).status === 200;
  const byPassword = async (): Promise<Browser> => {
    const browser = portal.browser();
    await browser.tryToSignIn(who, PASSWORD);
    return browser;
  };

  it('the password opens the way back until then, and nothing from then on', async () => {
    await ask();
    await moveTo(SECOND);
    assert.equal(await showsTheWayBack(await byPassword()), true);
    await moveTo(0);
    const refused = await portal.browser().tryToSignIn(who, PASSWORD);
    assert.equal(refused.status, 422);
    assert.match(refused.alert, /not right/, 'as for anybody who is not there');
  });

  it('a sign-in of before is over, and takes nothing back any more', async () => {
    await ask();
    await moveTo(MINUTE);
    const browser = await portal.signedIn(who);
    const form = (await browser.open('/security')).form(WITHDRAWAL);
    await moveTo(0);
    assert.match((await browser.post(WITHDRAWAL, form)).location, /^\/login/);
    assert.match((await browser.get(WITHDRAWAL)).location, /^\/login/);
    assert.notEqual((await user.reload()).removalAt, null);
  });

  it('nor does a form that was on its way at that moment', async () => {
    await ask();
    await moveTo(MINUTE);
    const browser = await portal.signedIn(who);
    assert.equal((await stay(browser)).status, 303, 'before, it does');
    await portal.signedIn(who).then((again) => leave(again, who.slice(5)));
    await moveTo(MINUTE);
    const late = await portal.signedIn(who);
    const form = (await late.open('/security')).form(WITHDRAWAL);
    await moveTo(0);
    await late.post(WITHDRAWAL, form);
    await endGrace(portal.services);
    assert.equal(await User.count({ where: { id: user.id } }), 0);
  });

  it('a sign-in that waits for its code is not completed', async () => {
    const { phone } = await enrol(portal, who);
    phone.nextCode();
    const signedIn = await halfSignedIn(portal, who);
    await signedIn.submit(CODE, CODE, { code: phone.nextCode() });
    await leave(signedIn, who.slice(5), { code: phone.nextCode() });
    await moveTo(MINUTE);
    const half = await halfSignedIn(portal, who);
    const form = (await half.open(CODE)).form(CODE);
    await moveTo(0);
    await half.post(CODE, { ...form, code: phone.nextCode() });
    assert.equal(await showsTheWayBack(half), false);
  });

  it('a passkey alone opens the way back until then, and nothing from then on', async () => {
    const { key, browser: owner } = await withPasskey(portal, who);
    await owner.get('/');
    await User.update({ removalAt: portal.clock.now() + 10 * DAY }, { where: { id: user.id } });
    for (const [left, opens] of [
      [SECOND, true],
      [0, false],
    ] as const) {
      await moveTo(left);
      const browser = portal.browser();
      const page = await browser.open('/login');
      await browser.post(ALONE, { ...page.form(ALONE), credential: key.get(page) });
      assert.equal(await showsTheWayBack(browser), opens, String(left));
    }
  });

  it('but not where nobody else could look after the organisation: the job keeps such an account, and every way in is open until it does', async () => {
    who = `acme/owner${count}`;
    user = await addSomebody(portal, who, 'owner');
    const { key, browser: owner } = await withPasskey(portal, who);
    await leave(owner, who.slice(5), {});
    await user.reload();
    await moveTo(MINUTE);
    const byPasskey = async (): Promise<Browser> => {
      const browser = portal.browser();
      const page = await browser.open('/login');
      await browser.post(ALONE, { ...page.form(ALONE), credential: key.get(page) });
      return browser;
    };
    const before = await byPasskey();
    const ways: Record<string, () => Promise<boolean>> = {
      'a session of before': () => showsTheWayBack(before),
      // Which is read with what its page shows.
      'the same at the Security page': async () => !/^\/login/.test((await before.get('/security')).location),
      'a password, before the passkey': async () =>
        (await portal.browser().tryToSignIn(who, PASSWORD)).location === '/login/two-factor',
      'a passkey alone': async () => showsTheWayBack(await byPasskey()),
    };
    await moveTo(0);
    const others = await User.findAll({ where: { id: portal.idOf('acme/olivia') } });
    for (const [name, opens] of Object.entries(ways)) assert.equal(await opens(), false, name);
    await User.update({ passwordHash: null }, { where: { id: others.map(({ id }) => id) } });
    for (const [name, opens] of Object.entries(ways)) assert.equal(await opens(), true, name);
    await endGrace(portal.services);
    for (const { id, passwordHash } of others) await User.update({ passwordHash }, { where: { id } });
    assert.equal((await user.reload()).removalAt, null, 'The job says the same.');
  });

  it('a link for a new password opens nothing, and none is mailed', async () => {
    await ask();
    await moveTo(MINUTE);
    const path = await mailResetLink(portal, who);
    assert.equal((await portal.browser().get(path)).status, 200);
    await moveTo(0);
    assert.equal((await portal.browser().get(path)).status, 410);
    portal.clock.move(6 * MINUTE);
    const mails = (await portal.inbox.mailsTo(user.email)).length;
    await portal
      .browser()
      .submit('/password/forgot', '/password/forgot', { organization: 'acme', username: who.slice(5) });
    await portal.services.aside.settled();
    assert.equal((await portal.inbox.mailsTo(user.email)).length, mails);
  });
});

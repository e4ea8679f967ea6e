import assert from 'node:assert/strict';
import { SecurityEvent } from '#models/security-event.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { SYSTEM } from '#policies/actor.js';
import { contextWithoutRequest } from '#server/context.js';
import { Invalid, TooMany } from '#server/errors.js';
import { inContext } from '#server/identity/tenant.js';
import { proveCode } from '#server/identity/code.js';
import { MINUTE, SECOND } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { clearCounters } from '../support/database.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import {
  enrol,
  halfSignedIn,
  isSignedIn,
  sendCode,
  signedInWith,
  STEP,
  toMidStep,
  type Enrolled,
} from '../support/second-factor.js';

const WHO = 'acme/uma';

describe('A code of the app', () => {
  let portal: Portal;
  let enrolled: Enrolled;
  beforeEach(async () => {
    portal = await startPortal();
    enrolled = await enrol(portal, WHO);
    portal.clock.move(2 * STEP);
    toMidStep(portal);
  });
  afterEach(() => portal.close());

  const confirm = async (browser: Browser, code: string): Promise<Page> =>
    browser.submit('/confirm', '/confirm', { password: PASSWORD, code });

  it('is taken one step early, on time and one step late, and not two', async () => {
    for (const [steps, status] of [
      [-2, 422],
      [2, 422],
      [-1, 303],
      [0, 303],
      [1, 303],
    ] as const) {
      const browser = await halfSignedIn(portal, WHO);
      assert.equal((await sendCode(browser, enrolled.phone.code(steps))).status, status, `${steps} steps`);
    }
  });

  it('is never taken twice, nor one older than the last that was taken', async () => {
    const browser = await halfSignedIn(portal, WHO);
    assert.equal((await sendCode(browser, enrolled.phone.code(0))).status, 303);
    for (const steps of [0, -1]) {
      assert.equal(
        (await sendCode(await halfSignedIn(portal, WHO), enrolled.phone.code(steps))).status,
        422,
        `${steps} steps`,
      );
    }
    assert.equal((await confirm(browser, enrolled.phone.code(0))).status, 422);
  });

  it('is taken whole, whatever came along from where it was copied; what is no code is nobody’s wrong guess', async () => {
    const digitsOf = (code: string, zero: number): string =>
      code.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
    const disguises: ((code: string) => string)[] = [
      (code) => `${code.slice(0, 3)} ${code.slice(3)}`,
      (code) => `  ${code}\t`,
      (code) => `\u202a${code.slice(0, 3)}\u00a0${code.slice(3)}\u202c`,
      (code) => `“${code.slice(0, 3)}–${code.slice(3)}”`,
      (code) => [...code].join('\u200b\u2011'),
      (code) => digitsOf(code, 0xff10),
      (code) => digitsOf(code, 0x0966),
    ];
    for (const disguise of disguises) {
      const code = enrolled.phone.nextCode();
      const browser = await halfSignedIn(portal, WHO);
      const none = [`${code.slice(0, 5)}x`, `+${code.slice(1)}`, code.slice(1), `${code}1`, 'x'.repeat(99)];
      for (const alike of none) assert.match((await sendCode(browser, alike)).errorOf('code'), /six digits/, alike);
      assert.deepEqual(await portal.database.read("SELECT key FROM throttles WHERE key LIKE '%code%'", []), []);
      assert.equal((await sendCode(browser, disguise(code))).status, 303, disguise(code));
    }
  });

  it('is taken once of twenty requests at once, over sign-in and confirmation together', async () => {
    const signedIn = await signedInWith(portal, WHO, enrolled.phone);
    portal.clock.move(STEP);
    const half = await Promise.all(Array.from({ length: 4 }, () => halfSignedIn(portal, WHO)));
    await clearCounters(portal.database);
    const code = enrolled.phone.code();
    const forms = await Promise.all(
      half.map(async (browser) => ({ browser, _csrf: await browser.csrf('/login/two-factor') })),
    );
    // Each from a tab of its own: of one that is sent twice, both are answered alike.
    const confirmations = await Promise.all(
      [1, 2, 3, 4].map(async () => (await signedIn.get('/confirm')).form('/confirm')),
    );
    const answers = await Promise.all([
      ...forms.flatMap(({ browser, _csrf }) =>
        [1, 2, 3, 4].map(() => browser.post('/login/two-factor', { _csrf, code })),
      ),
      ...confirmations.map((form) => signedIn.post('/confirm', { ...form, password: PASSWORD, code })),
    ]);
    const taken = answers.filter(({ status, location }) => status === 303 && !location.startsWith('/login'));
    assert.equal(taken.length, 1, answers.map(({ status, location }) => `${status} ${location}`).join());
  });

  it("opens nobody else's account", async () => {
    const other = await enrol(portal, 'acme/umar');
    assert.equal((await sendCode(await halfSignedIn(portal, WHO), other.phone.nextCode())).status, 422);
  });

  it('that is wrong is written into the log, with nobody as who sent it', async () => {
    await sendCode(await halfSignedIn(portal, WHO), enrolled.phone.code(5));
    const event = await SecurityEvent.findOne({ where: { event: 'two-factor.failed' }, rejectOnEmpty: true });
    assert.deepEqual([event.actorId, event.targetId], [null, portal.idOf(WHO)]);
  });

  describe('after too many wrong ones', () => {
    // Five a sign-in, ten a minute an address: whoever guesses needs several of each.
    const guess = async (times: number): Promise<Page[]> => {
      const answers: Page[] = [];
      let browser = await halfSignedIn(portal, WHO);
      for (let n = 0; n < times; n += 1) {
        if (n % 5 === 4) browser = await halfSignedIn(portal, WHO);
        if (n % 5 === 4) portal.clock.move(MINUTE);
        answers.push(await sendCode(browser, '000000'));
      }
      return answers;
    };
    const tryRight = async (): Promise<Page> => {
      portal.clock.move(MINUTE);
      return sendCode(await halfSignedIn(portal, WHO), enrolled.phone.nextCode());
    };

    it('is not taken for 15 minutes, however right it is, and then it is', async () => {
      const answers = await guess(10);
      assert.ok(answers.every(({ status }) => status === 422));
      const refused = await tryRight();
      assert.equal(refused.status, 429);
      assert.match(refused.text, /Too many wrong codes\. Wait \d+ minutes/);
      const wait = Number(refused.headers['retry-after']);
      assert.ok(wait > 12 * 60 && wait <= 15 * 60, `${wait} seconds`);
      portal.clock.move(wait * 1000 - 2 * MINUTE);
      assert.equal((await tryRight()).status, 429);
      portal.clock.move(MINUTE);
      assert.equal((await tryRight()).status, 303);
    });

    it('waits twice as long each time, up to a day', async () => {
      const user = await User.findByPk(portal.idOf(WHO), { rejectOnEmpty: true });
      const tenant = inContext(await Tenant.findByPk(user.tenantId, { rejectOnEmpty: true }));
      const context = contextWithoutRequest(portal.services, SYSTEM, 'web', tenant);
      const wrong = (): Promise<unknown> =>
        proveCode(context, { user, tenant }, '000000', 'active').catch((error: unknown) => error);
      const quarters: number[] = [];
      for (let round = 0; round < 9; round += 1) {
        for (let n = 0; n < 10; n += 1) assert.ok((await wrong()) instanceof Invalid);
        const refused = await wrong();
        assert.ok(refused instanceof TooMany);
        quarters.push(Math.round((refused.retryAfterSeconds * SECOND) / (15 * MINUTE)));
        portal.clock.move(refused.retryAfterSeconds * SECOND - SECOND);
        assert.ok((await wrong()) instanceof TooMany);
        portal.clock.move(2 * SECOND);
      }
      assert.deepEqual(quarters, [1, 2, 4, 8, 16, 32, 64, 96, 96]);
    });

    it('stays refused when the portal is started anew', async () => {
      await guess(10);
      const browser = portal.browserOfAnother();
      await halfSignedIn(portal, WHO, browser);
      assert.equal((await sendCode(browser, enrolled.phone.nextCode())).status, 429);
    });

    it('tells the owner by mail, once, and the log', async () => {
      await guess(10);
      const mails = (await portal.inbox.mailsTo('uma@acme.example')).filter(({ text }) =>
        text.includes('no code is taken for 15 minutes'),
      );
      assert.equal(mails.length, 1);
      assert.equal(await SecurityEvent.count({ where: { event: 'two-factor.locked' } }), 1);
    });

    it('counts recovery codes with them, and confirmations of who is signed in by themselves', async () => {
      const browser = await signedInWith(portal, WHO, enrolled.phone);
      const half = await halfSignedIn(portal, WHO);
      for (let n = 0; n < 5; n += 1)
        await half.submit('/login/recovery', '/login/recovery', { recoveryCode: 'abcd-efgh-jkmn-pqrs' });
      for (let n = 0; n < 4; n += 1) assert.equal((await confirm(browser, '000000')).status, 422);
      await guess(5);
      assert.equal((await tryRight()).status, 429);
      for (let n = 0; n < 6; n += 1) assert.equal((await confirm(browser, '000000')).status, 422);
      assert.equal((await confirm(browser, enrolled.phone.nextCode())).status, 429);
    });

    it('is not asked for again by a right password: that clears another counter', async () => {
      await guess(10);
      const browser = await halfSignedIn(portal, WHO);
      assert.equal((await browser.get('/login/two-factor')).status, 200);
      assert.equal((await tryRight()).status, 429);
    });

    it('leaves the password unlocked, and a locked password leaves the codes', async () => {
      await guess(10);
      assert.equal((await portal.browser().tryToSignIn(WHO, PASSWORD)).location, '/login/two-factor');
      portal.clock.move(16 * MINUTE);
      const browser = await signedInWith(portal, WHO, enrolled.phone);
      const stranger = portal.browser();
      for (let n = 0; n < 5; n += 1) await stranger.tryToSignIn(WHO, 'wrong');
      assert.equal((await stranger.tryToSignIn(WHO, PASSWORD)).status, 422);
      assert.equal((await confirm(browser, enrolled.phone.nextCode())).status, 303);
    });

    it('is forgotten by a right one', async () => {
      await guess(9);
      assert.equal((await tryRight()).status, 303);
      await guess(9);
      assert.equal((await tryRight()).status, 303);
    });

    it('cannot be run past by many at once: of forty, ten are looked at, and the wait is the shortest', async () => {
      const browsers = await Promise.all(Array.from({ length: 8 }, () => halfSignedIn(portal, WHO)));
      const forms = await Promise.all(
        browsers.map(async (browser) => ({ browser, _csrf: await browser.csrf('/login/two-factor') })),
      );
      await clearCounters(portal.database);
      const all = forms.flatMap(({ browser, _csrf }) =>
        [1, 2, 3, 4, 5].map(() => browser.post('/login/two-factor', { _csrf, code: '000000' })),
      );
      const answers = await Promise.all(all);
      const lookedAt = answers.filter(({ status }) => status === 422).length;
      assert.ok(lookedAt <= 10, `${lookedAt} were looked at`);
      const refused = await tryRight();
      assert.equal(refused.status, 429);
      assert.ok(Number(refused.headers['retry-after']) <= 15 * 60);
    });
  });

  it('that is wrong counts against the address as a wrong password does', async () => {
    const [first, second] = [await halfSignedIn(portal, WHO), await halfSignedIn(portal, WHO)];
    for (let n = 0; n < 5; n += 1) {
      await sendCode(first, '000000');
      await sendCode(second, '000000');
    }
    const stranger = portal.browser();
    assert.equal((await stranger.tryToSignIn('globex/gina', PASSWORD)).status, 429);
    portal.clock.move(MINUTE);
    assert.equal((await stranger.tryToSignIn('globex/gina', PASSWORD)).status, 303);
    assert.ok(await isSignedIn(stranger));
  });
});

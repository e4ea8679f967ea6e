import assert from 'node:assert/strict';
import { Challenge } from '#models/challenge.js';
import { Session } from '#models/session.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { purge } from '#server/jobs/purge.js';
import { hashToken } from '#server/lib/random-token.js';
import { DAY, MINUTE, SECOND } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { clearCounters } from '../support/database.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import {
  beginSetup,
  enrol,
  halfSignedIn,
  isSignedIn,
  sendCode,
  signedInWith,
  STEP,
  type Enrolled,
  disable,
} from '../support/second-factor.js';

const WHO = 'acme/uma';
const CODE = '/login/two-factor';
const COOKIE = 'gatehouse-challenge';

describe('Between the password and the code', () => {
  let portal: Portal;
  let enrolled: Enrolled;
  let half: Browser;
  before(async () => {
    portal = await startPortal();
    enrolled = await enrol(portal, WHO);
  });
  beforeEach(async () => {
    await clearCounters(portal.database);
    half = await halfSignedIn(portal, WHO);
  });
  after(() => portal.close());

  it('nobody is signed in: there is no session, and every page leads to the sign-in', async () => {
    assert.ok(!half.cookies.has('gatehouse'));
    for (const path of ['/', '/security', '/security/two-factor', '/profile', '/confirm', '/admin/users']) {
      assert.match((await half.get(path)).location, /^\/login/, path);
    }
  });

  it('not even who was signed in in this browser before is', async () => {
    const browser = await portal.signedIn('acme/umar');
    const old = browser.cookies.get('gatehouse') ?? '';
    const fields = {
      _csrf: await browser.csrf('/security'),
      organization: 'acme',
      username: 'uma',
      password: PASSWORD,
    };
    assert.equal((await browser.post('/login', fields)).location, CODE);
    assert.ok(!(await isSignedIn(browser)));
    const replayed = portal.browser();
    replayed.cookies.set('gatehouse', old);
    assert.ok(!(await isSignedIn(replayed)));
  });

  it('stands a token of which only the hash is kept, in a cookie that no script reads', async () => {
    const token = half.cookies.get(COOKIE) ?? '';
    assert.equal(Buffer.from(token, 'base64url').length, 32);
    assert.equal(await Challenge.count({ where: { tokenHash: token } }), 0);
    assert.equal(await Challenge.count({ where: { tokenHash: hashToken(token) } }), 1);
    const again = portal.browser();
    const answer = await again.tryToSignIn(WHO, PASSWORD);
    const cookie = [answer.headers['set-cookie']].flat().find((one) => one?.startsWith(COOKIE));
    assert.match(cookie ?? '', /HttpOnly.*SameSite=Lax/);
  });

  it('the page is not kept by the browser, says whose code it asks for, and leads on with the right one', async () => {
    const page = await half.get(CODE);
    assert.equal(page.headers['cache-control'], 'no-store');
    assert.match(page.text, /for uma/);
    const answer = await sendCode(half, enrolled.phone.nextCode());
    assert.deepEqual([answer.status, answer.location], [303, '/']);
    assert.ok(half.cookies.has('gatehouse') && !half.cookies.has(COOKIE));
  });

  it('the way that the sign-in was meant to lead is kept, and only a way on this portal', async () => {
    for (const [next, location] of [
      ['/profile', '/profile'],
      ['//evil.example/', '/'],
      ['https://evil.example', '/'],
      ['/login', '/'],
    ] as const) {
      const browser = portal.browser();
      await browser.tryToSignIn(WHO, PASSWORD, next);
      assert.equal((await sendCode(browser, enrolled.phone.nextCode())).location, location, next);
    }
  });

  it('the session is there before the answer is: the next request is signed in', async () => {
    const _csrf = await half.csrf(CODE);
    await half.post(CODE, { _csrf, code: enrolled.phone.nextCode() });
    const sid =
      decodeURIComponent(half.cookies.get('gatehouse') ?? '')
        .slice(2)
        .split('.')[0] ?? '';
    assert.equal(await Session.count({ where: { sidHash: hashToken(sid), endedAt: null } }), 1);
    assert.equal((await half.get('/security')).status, 200);
  });

  it('five codes are looked at, of twenty sent at once, and a right one after them is too late', async () => {
    const _csrf = await half.csrf(CODE);
    const token = half.cookies.get(COOKIE) ?? '';
    const answers = await Promise.all(Array.from({ length: 20 }, () => half.post(CODE, { _csrf, code: '000000' })));
    assert.equal(answers.filter(({ status }) => status === 422).length, 5, answers.map(({ status }) => status).join());
    assert.equal((await Challenge.findOne({ where: { tokenHash: hashToken(token) } }))?.tries, 5);
    await clearCounters(portal.database);
    // Who comes when it is over is told to begin again, and loses the cookie; a thief would keep it.
    half.cookies.set(COOKIE, token);
    const late = await half.post(CODE, { _csrf, code: enrolled.phone.nextCode() });
    assert.equal(late.location, '/login');
    assert.match((await half.follow(late)).flash, /Begin again with your password/);
    assert.ok(!(await isSignedIn(half)));
  });

  it('the last try says that it was the last', async () => {
    for (let n = 0; n < 4; n += 1) assert.doesNotMatch((await sendCode(half, '000000')).errorOf('code'), /last try/);
    assert.match((await sendCode(half, '000000')).errorOf('code'), /last try: begin again/);
  });

  it('the right code as the last of five lets in', async () => {
    for (let n = 0; n < 4; n += 1) await sendCode(half, '000000');
    assert.equal((await sendCode(half, enrolled.phone.nextCode())).location, '/');
  });

  it('what is no code at all costs no try', async () => {
    for (let n = 0; n < 8; n += 1) assert.match((await sendCode(half, 'ABCDEF')).errorOf('code'), /six digits/);
    assert.equal((await sendCode(half, enrolled.phone.nextCode())).location, '/');
  });

  it('one sign-in comes of two right codes at once', async () => {
    portal.clock.move(3 * STEP);
    const _csrf = await half.csrf(CODE);
    const open = (): Promise<number> => Session.count({ where: { userId: portal.idOf(WHO), endedAt: null } });
    const before = await open();
    await Promise.all([-1, 0, 1].map((steps) => half.post(CODE, { _csrf, code: enrolled.phone.code(steps) })));
    assert.equal((await open()) - before, 1);
    portal.clock.move(2 * STEP);
  });

  it('somebody can leave: the sign-in cannot be taken up again', async () => {
    const token = half.cookies.get(COOKIE) ?? '';
    const answer = await half.submit(CODE, '/logout');
    assert.equal(answer.location, '/login');
    half.cookies.set(COOKIE, token);
    assert.equal((await half.get(CODE)).location, '/login');
  });

  it('the pages show nothing to who has given no password', async () => {
    for (const path of [CODE, '/login/two-factor/setup']) {
      const visitor = portal.browser();
      assert.equal((await visitor.get(path)).location, '/login', path);
      visitor.cookies.set(COOKIE, 'A'.repeat(43));
      assert.equal((await visitor.get(path)).location, '/login', path);
    }
  });

  describe('five minutes, and any change, end it', () => {
    const isOver = async (why: string): Promise<void> => {
      assert.equal((await half.get(CODE)).location, '/login', why);
      assert.ok(!(await isSignedIn(half)), why);
    };

    it('five minutes, and not a second before', async () => {
      const { createdAt } = await Challenge.findOne({
        where: { tokenHash: hashToken(half.cookies.get(COOKIE) ?? '') },
        rejectOnEmpty: true,
      });
      portal.clock.move(createdAt + 5 * MINUTE - portal.clock.now() - SECOND);
      assert.equal((await half.get(CODE)).status, 200);
      portal.clock.move(SECOND);
      await isOver('time');
    });

    it('its use', async () => {
      const token = half.cookies.get(COOKIE) ?? '';
      await sendCode(half, enrolled.phone.nextCode());
      const other = portal.browser();
      other.cookies.set(COOKIE, token);
      assert.equal((await other.get(CODE)).location, '/login');
    });

    it('another password', async () => {
      const browser = await signedInWith(portal, WHO, enrolled.phone);
      half = await halfSignedIn(portal, WHO);
      const newPassword = 'copper-lantern-meadow-19';
      const fields = { currentPassword: PASSWORD, newPassword, confirmPassword: newPassword };
      assert.equal((await browser.submit('/security', '/security/password', fields)).status, 303);
      await isOver('password');
      await browser.submit('/security', '/security/password', {
        currentPassword: newPassword,
        newPassword: PASSWORD,
        confirmPassword: PASSWORD,
      });
    });

    it('any other change of the account, also where the row of the challenge was not met', async () => {
      await User.increment('epoch', { where: { id: portal.idOf(WHO) } });
      await isOver('epoch');
    });

    it('another secret, and a factor that is no more', async () => {
      const browser = await signedInWith(portal, WHO, enrolled.phone);
      half = await halfSignedIn(portal, WHO);
      const phone = await beginSetup(portal, browser);
      await isOver('reset');
      half = await halfSignedIn(portal, WHO);
      await browser.submit('/security/two-factor', '/security/two-factor/confirmation', { code: phone.code() });
      await isOver('enabled');
      const again = await signedInWith(portal, WHO, phone);
      half = await halfSignedIn(portal, WHO);
      await disable(again, phone);
      await isOver('disabled');
      enrolled = await enrol(portal, WHO);
    });

    it('a disabled account and a suspended organisation', async () => {
      const { tenantId } = await User.findByPk(portal.idOf(WHO), { rejectOnEmpty: true });
      await User.update({ status: 'disabled' }, { where: { id: portal.idOf(WHO) } });
      await isOver('disabled');
      await User.update({ status: 'active' }, { where: { id: portal.idOf(WHO) } });
      half = await halfSignedIn(portal, WHO);
      await Tenant.update({ status: 'suspended' }, { where: { id: tenantId } });
      await isOver('suspended');
      await Tenant.update({ status: 'active' }, { where: { id: tenantId } });
    });
  });

  it('old ones are purged', async () => {
    portal.clock.move(DAY + MINUTE);
    await purge(portal.services);
    assert.equal(await Challenge.count(), 0);
  });
});

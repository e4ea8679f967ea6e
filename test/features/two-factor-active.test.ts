import assert from 'node:assert/strict';
import { RecoveryCode } from '#models/recovery-code.js';
import { Role } from '#models/role.js';
import { TotpSecret } from '#models/totp-secret.js';
import { User } from '#models/user.js';
import { replacesActiveFactor } from '#server/identity/factor.js';
import type { Browser } from '../support/browser.js';
import { givePasskeys } from '../support/passkeys.js';
import { Phone } from '../support/phone.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import {
  enrol,
  halfSignedIn,
  isSignedIn,
  sendCode,
  setPolicy,
  signedInWith,
  validate,
  type Enrolled,
  disable,
} from '../support/second-factor.js';
import { userCalled } from '../support/users.js';

const PAGE = '/security/two-factor';

describe('Active two-factor authentication', () => {
  let portal: Portal;
  let enrolled: Enrolled;
  let browser: Browser;
  let other: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    enrolled = await enrol(portal, 'acme/uma');
    other = await signedInWith(portal, 'acme/uma', enrolled.phone);
    browser = await signedInWith(portal, 'acme/uma', enrolled.phone);
  });
  afterEach(() => portal.close());

  const uma = (): Promise<User> => User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });
  const press = (action: string): ReturnType<Browser['post']> => browser.submit(PAGE, action);
  const codesLeft = (): Promise<number> =>
    RecoveryCode.count({ where: { userId: portal.idOf('acme/uma'), usedAt: null, replacedAt: null } });

  it('says how many recovery codes are left, and shows no secret', async () => {
    const page = await browser.get(PAGE);
    assert.match(page.text, /Active.*10 recovery codes are left/);
    assert.ok(!page.html.includes('data-secret') && !page.html.includes('otpauth'));
  });

  describe('whose secret is reset', () => {
    it('is pending with a new secret; the old one and the old recovery codes are dead at once', async () => {
      const answer = await press('/security/two-factor/setup');
      const page = await browser.follow(answer);
      assert.notEqual(new Phone(portal.clock).scan(page).secret, enrolled.phone.secret);
      assert.match(page.text, /Pending/);
      assert.equal(await codesLeft(), 0);
      assert.equal((await validate(browser, enrolled.phone.nextCode())).status, 422);
      const elsewhere = await halfSignedIn(portal, 'acme/uma');
      assert.equal((await elsewhere.get('/login/recovery')).location, '/login/two-factor/setup');
      const _csrf = await elsewhere.csrf('/login/two-factor/setup');
      assert.equal(
        (await elsewhere.post('/login/recovery', { _csrf, recoveryCode: enrolled.codes[0] ?? '' })).location,
        '/login/two-factor/setup',
      );
      assert.equal(
        (await elsewhere.post('/login/two-factor', { _csrf, code: enrolled.phone.nextCode() })).location,
        '/login/two-factor/setup',
      );
      assert.ok(!(await isSignedIn(elsewhere)));
    });

    it('ends the other sessions at once, keeps this one under a new id, and tells the owner', async () => {
      const id = browser.cookies.get('gatehouse');
      await press('/security/two-factor/setup');
      assert.notEqual(browser.cookies.get('gatehouse'), id);
      assert.deepEqual([await isSignedIn(browser), await isSignedIn(other)], [true, false]);
      const mail = await portal.inbox.newestTo('uma@acme.example');
      assert.match(mail.subject, /reset/i);
    });

    it('works with the new app after it is validated', async () => {
      const phone = new Phone(portal.clock).scan(await browser.follow(await press('/security/two-factor/setup')));
      assert.equal((await validate(browser, phone.code())).status, 200);
      await signedInWith(portal, 'acme/uma', phone);
    });

    it('cannot be cancelled, however often it is begun anew: that would disable it without password and code', async () => {
      await press('/security/two-factor/setup');
      const _csrf = await browser.csrf(PAGE);
      await browser.post('/security/two-factor/setup', { _csrf });
      const page = await browser.get(PAGE);
      assert.ok(!page.forms().includes('/security/two-factor/cancellation'));
      const refused = await browser.post('/security/two-factor/cancellation', { _csrf });
      assert.equal(refused.status, 409);
      assert.match(refused.text, /Finish it with a code of your app/);
      assert.equal((await uma()).twoFactor, 'pending');
      const phone = new Phone(portal.clock).scan(page);
      assert.equal((await validate(browser, phone.code())).status, 200, 'the way on is open');
    });

    it('cannot be cancelled when an admin has reset it either', async () => {
      const adam = await portal.signedIn('acme/adam');
      const path = `/admin/users/${portal.idOf('acme/uma')}`;
      await adam.submit(path, `${path}/two-factor-reset`, { reason: 'Lost the phone' });
      assert.equal((await uma()).twoFactor, 'pending');
      assert.ok(await replacesActiveFactor(portal.idOf('acme/uma')));
    });

    it('is a set-up of its own again once it has been disabled, and that can be cancelled', async () => {
      assert.equal((await disable(browser, enrolled.phone)).status, 303);
      await press('/security/two-factor/setup');
      assert.equal((await press('/security/two-factor/cancellation')).status, 303);
      assert.equal((await uma()).twoFactor, 'disabled');
    });

    it('cannot be reset where the policy has switched it off, but disabled', async () => {
      const _csrf = await browser.csrf(PAGE);
      await setPolicy(portal, 'acme', { twoFactor: 'off' });
      assert.ok(!(await browser.get(PAGE)).forms().includes('/security/two-factor/setup'));
      assert.equal((await browser.post('/security/two-factor/setup', { _csrf })).status, 409);
      assert.equal((await disable(browser, enrolled.phone)).status, 303);
    });
  });

  describe('that its owner disables', () => {
    it('leaves no secret and no recovery code, ends the other sessions, and tells the owner', async () => {
      const id = browser.cookies.get('gatehouse');
      const page = await browser.follow(await disable(browser, enrolled.phone));
      assert.match(page.flash, /disabled.*other sessions have been ended/);
      assert.equal((await uma()).twoFactor, 'disabled');
      assert.equal(await TotpSecret.count(), 0);
      assert.equal(await codesLeft(), 0);
      assert.notEqual(browser.cookies.get('gatehouse'), id);
      assert.deepEqual([await isSignedIn(browser), await isSignedIn(other)], [true, false]);
      assert.match((await portal.inbox.newestTo('uma@acme.example')).text, /was disabled/);
      assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).location, '/');
    });

    it('is disabled once by two requests at once', async () => {
      const fields = { _csrf: await browser.csrf(PAGE), password: PASSWORD, code: enrolled.phone.nextCode() };
      const answers = await Promise.all([1, 2, 3].map(() => browser.post('/security/two-factor/removal', fields)));
      assert.equal(answers.filter(({ status }) => status === 303).length, 1);
      assert.ok(answers.every(({ status }) => [303, 409, 422].includes(status)));
    });

    it('says that recovery codes stay with who has a passkey, and so they do', async () => {
      const user = await userCalled(portal, 'acme/uma');
      await givePasskeys(portal, user);
      const { text } = await browser.get('/security/two-factor/removal');
      assert.match(text, /After your password you are then asked for a passkey/);
      assert.match(text, /Your recovery codes stay, since you have another second factor/);
      const fields = { _csrf: await browser.csrf(PAGE), password: PASSWORD, code: enrolled.phone.nextCode() };
      assert.equal((await browser.post('/security/two-factor/removal', fields)).status, 303);
      assert.equal(await RecoveryCode.left(user.tenantId, user.id), 10);
    });

    it('asks for password and code, though both were given a moment ago', async () => {
      const question = await browser.get('/security/two-factor/removal');
      assert.match(question.text, /10 recovery codes, and one other session that is open now/);
      const code = enrolled.phone.nextCode();
      for (const [fields, wrong] of [
        [{}, ['password', 'code']],
        [{ code }, ['password']],
        [{ password: 'wrong', code }, ['password']],
        [{ password: PASSWORD, code: '' }, ['code']],
        [{ password: PASSWORD, code: enrolled.phone.code(7) }, ['code']],
      ] as const) {
        const page = await browser.submit('/security/two-factor', '/security/two-factor/removal', fields);
        assert.equal(page.status, 422);
        for (const field of wrong) assert.notEqual(page.errorOf(field), '', field);
      }
      assert.equal((await uma()).twoFactor, 'active');
    });
  });

  describe('that is demanded', () => {
    const demands: Record<string, () => Promise<unknown>> = {
      'by the policy': () => setPolicy(portal, 'acme', { twoFactor: 'required' }),
      'by a role': async () =>
        Role.update({ requiresTwoFactor: true }, { where: { tenantId: (await uma()).tenantId, key: 'user' } }),
      'by an administrator who marked the user': () =>
        User.update({ mustSetUpTwoFactor: true }, { where: { id: portal.idOf('acme/uma') } }),
    };
    for (const [whom, demand] of Object.entries(demands)) {
      it(`${whom} cannot be disabled by its owner`, async () => {
        const _csrf = await browser.csrf(PAGE);
        await demand();
        const page = await browser.get(PAGE);
        assert.match(page.text, /demands two-factor authentication, so it cannot be disabled/);
        assert.ok(!page.forms().includes('/security/two-factor/removal'));
        const answer = await browser.post('/security/two-factor/removal', { _csrf });
        assert.equal(answer.status, 409);
        assert.match(answer.text, /demands two-factor authentication/);
        assert.equal((await uma()).twoFactor, 'active');
      });
    }

    it('by a mark stays so after it has been set up', async () => {
      await User.update({ mustSetUpTwoFactor: true }, { where: { id: portal.idOf('acme/umar') } });
      const { phone } = await enrol(portal, 'acme/umar');
      const umar = await signedInWith(portal, 'acme/umar', phone);
      const _csrf = await umar.csrf(PAGE);
      assert.equal((await umar.post('/security/two-factor/removal', { _csrf })).status, 409);
    });
  });

  it('is not skipped by a password that was reset: the code is still asked for', async () => {
    const visitor = portal.browser();
    await visitor.submit('/password/forgot', '/password/forgot', { organization: 'acme', username: 'uma' });
    const link = await portal.inbox.linkTo('uma@acme.example', '/password/reset/');
    const newPassword = 'copper-lantern-meadow-19';
    const answer = await visitor.submit(link, link, { newPassword, confirmPassword: newPassword });
    assert.equal(answer.status, 303);
    assert.ok(!(await isSignedIn(visitor)));
    const again = portal.browser();
    assert.equal((await again.tryToSignIn('acme/uma', newPassword)).location, '/login/two-factor');
    assert.ok(!(await isSignedIn(again)));
    assert.equal((await sendCode(again, enrolled.phone.nextCode())).status, 303);
  });

  it('is asked for when the account is deleted', async () => {
    const page = await browser.get('/account/removal');
    assert.ok('code' in page.form('/account/removal'));
    const wrong = await browser.submit('/account/removal', '/account/removal', {
      username: 'uma',
      password: PASSWORD,
      code: '',
    });
    assert.equal(wrong.status, 422);
    assert.notEqual(wrong.errorOf('code'), '');
    const right = await browser.submit('/account/removal', '/account/removal', {
      username: 'uma',
      password: PASSWORD,
      code: enrolled.phone.nextCode(),
    });
    assert.equal(right.status, 303);
    assert.equal(await User.findByPk(portal.idOf('acme/uma')), null);
  });
});

import assert from 'node:assert/strict';
import { RecoveryCode } from '#models/recovery-code.js';
import { SecurityEvent } from '#models/security-event.js';
import { TotpSecret } from '#models/totp-secret.js';
import { User } from '#models/user.js';
import { drawQrCode } from '#server/lib/qr-code.js';
import type { Browser } from '../support/browser.js';
import { Phone } from '../support/phone.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { beginSetup, codesOn, isSignedIn, sendCode, setPolicy, toMidStep, validate } from '../support/second-factor.js';

const PAGE = '/security/two-factor';

describe('Setting up two-factor authentication', () => {
  let portal: Portal;
  let browser: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    toMidStep(portal);
    browser = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  const uma = (): Promise<User> => User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });
  const eventsOf = async (event: string): Promise<number> =>
    SecurityEvent.count({ where: { event, targetId: portal.idOf('acme/uma') } });

  it('shows the QR code, the secret in groups of four and the address for an app, and the names of common apps', async () => {
    const phone = await beginSetup(portal, browser);
    const page = await browser.get(PAGE);
    assert.equal(page.status, 200);
    assert.match(page.text, /Pending/);
    for (const app of ['Google Authenticator', 'Microsoft Authenticator', 'Twilio Authy', 'password manager of iOS'])
      assert.ok(page.text.includes(app), app);
    assert.match(page.document.querySelector('[data-secret=totp]')!.text, /^[A-Z2-7]{32}$/);
    const link = page.document.querySelector('a[href^="otpauth:"]')!.getAttribute('href')!;
    assert.equal(new URL(link).searchParams.get('secret'), phone.secret);
    const { path } = await drawQrCode(link);
    assert.equal(page.document.querySelector('.qr path')!.getAttribute('d'), path);
    assert.equal((await uma()).twoFactor, 'pending');
    assert.equal(await eventsOf('two-factor.setup-started'), 1);
  });

  it('keeps the secret sealed, and never in a log or a mail', async () => {
    const phone = await beginSetup(portal, browser);
    await validate(browser, phone.code());
    const row = await TotpSecret.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });
    assert.ok(!row.sealedSecret.includes(phone.secret));
    assert.ok(!JSON.stringify(await SecurityEvent.findAll()).includes(phone.secret));
    assert.ok(!portal.logLines.join('').includes(phone.secret));
    assert.ok(!JSON.stringify(await portal.inbox.mailsTo('uma@acme.example')).includes(phone.secret));
  });

  it('lets no secret be moved to somebody else: a row that was copied opens nothing', async () => {
    await beginSetup(portal, browser);
    const umar = await portal.signedIn('acme/umar');
    await beginSetup(portal, umar);
    const { sealedSecret } = await TotpSecret.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });
    await TotpSecret.update({ sealedSecret }, { where: { userId: portal.idOf('acme/umar') } });
    const page = await umar.get(PAGE);
    assert.equal(page.status, 200);
    assert.match(page.text, /is damaged/);
    assert.ok(!page.html.includes('data-secret'));
  });

  it('is active after the right code: ten recovery codes are shown, a mail goes out, and every session has ended', async () => {
    const other = await portal.signedIn('acme/uma');
    const phone = await beginSetup(portal, browser);
    assert.ok(await isSignedIn(other), 'a pending set-up ends no session');
    const page = await validate(browser, phone.code());
    assert.equal(page.status, 200);
    assert.equal(page.headers['cache-control'], 'no-store');
    assert.equal(codesOn(page).length, 10);
    assert.match(page.text, /active.*Every session of yours has been ended, this one too/);
    assert.ok(page.links().includes('/login?organization=acme'));
    assert.equal((await uma()).twoFactor, 'active');
    assert.equal(await eventsOf('two-factor.enabled'), 1);
    assert.match((await portal.inbox.newestTo('uma@acme.example')).subject, /two-factor/i);
    assert.deepEqual([await isSignedIn(browser), await isSignedIn(other)], [false, false]);
  });

  it('shows secret and recovery codes to nobody again', async () => {
    const phone = await beginSetup(portal, browser);
    const codes = codesOn(await validate(browser, phone.code()));
    const again = portal.browser();
    await again.signIn('acme/uma', PASSWORD);
    await sendCode(again, phone.nextCode());
    for (const path of [PAGE, '/security', '/security/recovery-codes', '/login/two-factor/setup']) {
      const page = await again.open(path);
      assert.ok(!page.html.includes('data-secret'), path);
      for (const code of [phone.secret, ...codes]) assert.ok(!page.html.includes(code), path);
    }
    assert.equal(await RecoveryCode.count({ where: { codeHash: codes } }), 0);
  });

  it('consumes the code that finishes it: the same one does not sign in', async () => {
    const phone = await beginSetup(portal, browser);
    const code = phone.code();
    await validate(browser, code);
    const again = portal.browser();
    await again.signIn('acme/uma', PASSWORD);
    assert.equal((await sendCode(again, code)).status, 422);
    assert.equal((await sendCode(again, phone.nextCode())).status, 303);
  });

  it('says what is wrong with a wrong code, and stays pending with the same secret', async () => {
    const phone = await beginSetup(portal, browser);
    const page = await validate(browser, phone.code(5));
    assert.equal(page.status, 422);
    assert.match(page.errorOf('code'), /This code is not right/);
    assert.equal(new Phone(portal.clock).scan(page).secret, phone.secret);
    for (const code of ['', '12345', 'abcdef', '1234567'])
      assert.match((await validate(browser, code)).errorOf('code'), /six digits/, code);
    assert.equal((await uma()).twoFactor, 'pending');
  });

  it('takes one string for a code: no lists, no other field', async () => {
    const phone = await beginSetup(portal, browser);
    const { _csrf = '' } = (await browser.get(PAGE)).form('/security/two-factor/confirmation');
    for (const fields of [
      { code: [phone.code(), phone.code()] },
      { code: phone.code(), state: 'active' },
      { code: `${phone.code()}\0` },
      {},
    ]) {
      assert.equal(
        (await browser.post('/security/two-factor/confirmation', { _csrf, ...fields })).status,
        422,
        JSON.stringify(fields),
      );
    }
    assert.equal((await uma()).twoFactor, 'pending');
  });

  it('can be cancelled: there is no secret any more, and the password alone signs in', async () => {
    await beginSetup(portal, browser);
    const page = await browser.follow(await browser.submit(PAGE, '/security/two-factor/cancellation'));
    assert.match(page.flash, /cancelled/);
    assert.equal(await TotpSecret.count(), 0);
    assert.equal((await uma()).twoFactor, 'disabled');
    assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).location, '/');
  });

  it('cancelled in another tab, is told as gone to who sends a code, which is not counted as a wrong one', async () => {
    const phone = await beginSetup(portal, browser);
    await browser.submit(PAGE, '/security/two-factor/cancellation');
    const { _csrf = '' } = (await browser.get(PAGE)).form('/security/two-factor/setup');
    for (let times = 0; times < 12; times += 1) {
      const answer = await browser.post('/security/two-factor/confirmation', { _csrf, code: phone.code() });
      assert.equal(answer.status, 409);
      assert.match(answer.text, /no set-up to finish/);
    }
    const again = await beginSetup(portal, browser);
    assert.equal((await validate(browser, again.code())).status, 200);
  });

  it('gives the session a new id when it begins and when it is cancelled', async () => {
    const ids = [browser.cookies.get('gatehouse')];
    await beginSetup(portal, browser);
    ids.push(browser.cookies.get('gatehouse'));
    await browser.submit(PAGE, '/security/two-factor/cancellation');
    ids.push(browser.cookies.get('gatehouse'));
    assert.equal(new Set(ids).size, 3);
  });

  it('is not offered and cannot be begun where the policy switches it off', async () => {
    const { _csrf = '' } = (await browser.get(PAGE)).form('/security/two-factor/setup');
    await setPolicy(portal, 'acme', { twoFactor: 'off' });
    const page = await browser.get(PAGE);
    assert.match(page.text, /does not use two-factor authentication/);
    assert.ok(!page.forms().includes('/security/two-factor/setup'));
    assert.equal((await browser.post('/security/two-factor/setup', { _csrf })).status, 409);
    assert.equal((await uma()).twoFactor, 'disabled');
  });

  it('begun twice at once has one secret, which its page shows', async () => {
    const { _csrf = '' } = (await browser.get(PAGE)).form('/security/two-factor/setup');
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => browser.post('/security/two-factor/setup', { _csrf })),
    );
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [303, 409, 409, 409, 409]);
    assert.equal(await TotpSecret.count(), 1);
    assert.equal((await uma()).twoFactor, 'pending');
  });

  it('finished twice at once gives one set of recovery codes', async () => {
    const phone = await beginSetup(portal, browser);
    const { _csrf = '' } = (await browser.get(PAGE)).form('/security/two-factor/confirmation');
    const codes = [phone.code(-1), phone.code(0), phone.code(1), phone.code(0)];
    const answers = await Promise.all(
      codes.map((code) => browser.post('/security/two-factor/confirmation', { _csrf, code })),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1, answers.map(({ status }) => status).join());
    assert.equal(await RecoveryCode.left((await uma()).tenantId, portal.idOf('acme/uma')), 10);
  });
});

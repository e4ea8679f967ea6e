import assert from 'node:assert/strict';
import { Passkey } from '#models/passkey.js';
import { User } from '#models/user.js';
import type { EventName } from '#server/trace/events.js';
import { Authenticator, optionsOn, type Oddities } from '../support/authenticator.js';
import { ANOTHER_TAB, Browser } from '../support/browser.js';
import { happened } from '../support/log.js';
import { ALONE, PASSKEYS, addPasskey, sendPasskey, signInAlone, withPasskey } from '../support/passkeys.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { halfSignedIn, isSignedIn, setPolicy } from '../support/second-factor.js';

const UMA = 'acme/uma';
const MAIL = 'uma@acme.example';
const REFUSED =
  /^There is a problem This passkey does not sign you in\. Try again, or enter your username and password: some passkeys only stand beside those\.$/;

describe('A passkey alone signs nobody in', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const logged = async (event: EventName): Promise<number> =>
    (await happened(portal, 'acme', event)) + (await happened(portal, 'platform', event));
  const refusals = async (): Promise<number> => (await logged('passkey.failed')) + (await logged('sign-in.failed'));
  const forget = (): Promise<unknown> => portal.database.sequelize.query('DELETE FROM throttles');
  const refused = async (what: string, key: Authenticator, odd: Oddities = {}): Promise<void> => {
    const browser = portal.browser();
    const answer = await signInAlone(browser, key, { odd });
    assert.equal(answer.status, 422, what);
    assert.match(answer.alert, REFUSED, what);
    assert.ok(!(await isSignedIn(browser)), what);
  };

  it('from another site, for another host, without PIN, finger or face, by another hand or under another name', async () => {
    const { key } = await withPasskey(portal, UMA);
    const { key: other } = await withPasskey(portal, 'acme/umar');
    const wrong: Record<string, Oddities> = {
      'another origin': { origin: 'http://localhost:4000' },
      'a site below ours': { origin: 'http://evil.localhost:3000' },
      'another host': { rpId: 'elsewhere.example' },
      'a frame of another site': { crossOrigin: true },
      'the answer of a new passkey': { type: 'webauthn.create' },
      'no PIN, finger or face': { verified: false },
      'an untouched one': { absent: true },
      'another key': { forged: true },
      'a made-up challenge': { challenge: Buffer.alloc(32, 7).toString('base64url') },
      'the handle of somebody else': { userHandle: other.userHandle ?? null },
      'no handle': { userHandle: null },
      'one that can be copied now': { synced: true, backedUp: true },
    };
    for (const [what, odd] of Object.entries(wrong)) {
      const before = await refusals();
      await refused(what, key, odd);
      assert.equal(await refusals(), before + 1, `${what} is in the log`);
      await forget();
    }
    assert.equal((await signInAlone(portal.browser(), key)).status, 303, 'The very same one does.');
  });

  it('and says the same of an account that is disabled, locked, elsewhere, suspended, or not there', async () => {
    const { key } = await withPasskey(portal, UMA);
    const id = portal.idOf(UMA);
    const whole = portal.database.sequelize;
    const causes: [what: string, event: EventName, begin: () => Promise<unknown>, end: () => Promise<unknown>][] = [
      [
        'a disabled account',
        'sign-in.failed',
        () => User.update({ status: 'disabled' }, { where: { id } }),
        () => User.update({ status: 'active' }, { where: { id } }),
      ],
      [
        'a suspended organisation',
        'sign-in.failed',
        () => whole.query(`UPDATE tenants SET status = 'suspended' WHERE slug = 'acme'`),
        () => whole.query(`UPDATE tenants SET status = 'active' WHERE slug = 'acme'`),
      ],
      [
        'an address outside',
        'sign-in.outside',
        () => setPolicy(portal, 'acme', { allowedIps: '10.0.0.0/8' }),
        () => setPolicy(portal, 'acme', { allowedIps: '' }),
      ],
      [
        'a passkey in doubt',
        'passkey.failed',
        () => Passkey.update({ suspendedAt: 1 }, { where: { userId: id } }),
        () => Passkey.update({ suspendedAt: null }, { where: { userId: id } }),
      ],
      [
        'an account that an administrator has to give back',
        'passkey.failed',
        () => User.update({ resetHeld: true }, { where: { id } }),
        () => User.update({ resetHeld: false }, { where: { id } }),
      ],
      [
        'an account that is locked',
        'passkey.failed',
        async () => {
          for (let tries = 0; tries < 5; tries += 1) await portal.browser().tryToSignIn(UMA, `${PASSWORD}x`);
          await whole.query(`DELETE FROM throttles WHERE key NOT LIKE 'account/%'`);
        },
        forget,
      ],
      [
        'an account whose codes are locked',
        'passkey.failed',
        async () => {
          for (let tries = 0; tries < 10; tries += 1) {
            await signInAlone(portal.browser(), key, { odd: { forged: true } });
            await whole.query(`DELETE FROM throttles WHERE key NOT LIKE 'codes/%'`);
          }
        },
        forget,
      ],
    ];
    for (const [what, event, begin, end] of causes) {
      await begin();
      const before = await logged(event);
      await refused(what, key);
      assert.equal(await logged(event), before + 1, `${what} is in the log`);
      await end();
      await forget();
      const browser = portal.browser();
      await signInAlone(browser, key);
      assert.ok(await isSignedIn(browser), `${what} is over`);
    }
    await refused('one that is nobody’s', new Authenticator(), { userHandle: key.userHandle ?? null });
    assert.ok(
      (await portal.inbox.mailsTo(MAIL)).some(({ subject }) => /code/i.test(subject)),
      'A lock is mailed.',
    );
  });

  it('twice for one asking, nor for what another browser was asked, nor where something else was', async () => {
    const { key } = await withPasskey(portal, UMA);
    const browser = portal.browser();
    const page = await browser.open('/login');
    const form = { ...page.form(ALONE), ...ANOTHER_TAB };
    const wrong = { ...form, credential: key.get(page, { origin: 'https://elsewhere.example' }) };
    assert.equal((await browser.post(ALONE, wrong)).status, 422);
    assert.equal(
      (await browser.post(ALONE, { ...form, credential: key.get(page) })).status,
      422,
      'It cannot be bettered.',
    );

    const mine = await browser.open('/login');
    const thief = portal.browser();
    const theirs = { ...(await thief.open('/login')).form(ALONE), credential: key.get(mine) };
    assert.equal((await thief.post(ALONE, theirs)).status, 422, 'It was asked of another browser.');
    const half = await halfSignedIn(portal, UMA);
    const second = await half.open('/login/two-factor');
    const moved = { ...(await browser.open('/login')).form(ALONE), credential: key.get(second) };
    assert.equal((await browser.post(ALONE, moved)).status, 422, 'It was asked for something else.');
    assert.equal((await sendPasskey(half, key, { challenge: optionsOn(mine).challenge })).status, 422);
  });

  it('after five minutes; and says so, for pages stay open', async () => {
    const { key } = await withPasskey(portal, UMA);
    const browser = portal.browser();
    const page = await browser.open('/login');
    const late = { ...page.form(ALONE), credential: key.get(page) };
    portal.clock.move(300_000);
    const answer = await browser.post(ALONE, late);
    assert.equal(answer.status, 422);
    assert.match(answer.alert, /This page was open for too long. Use your passkey again/);
    const again = { ...answer.form(ALONE), credential: key.get(answer) };
    assert.equal((await browser.post(ALONE, again)).status, 303);
  });

  it('more than once, of twenty at the same time', async () => {
    const { key } = await withPasskey(portal, UMA);
    const browser = portal.browser();
    const page = await browser.open('/login');
    const form = { ...page.form(ALONE), ...ANOTHER_TAB, credential: key.get(page) };
    const jars = Array.from({ length: 20 }, () => {
      const copy = portal.browser();
      for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
      return copy;
    });
    const answers = await Promise.all(jars.map((jar) => jar.post(ALONE, form)));
    assert.equal(answers.filter(({ location }) => location === '/').length, 1);
    assert.ok(answers.every(({ status }) => status < 500));
    const opened = await Promise.all(jars.map((jar) => isSignedIn(jar)));
    assert.equal(opened.filter(Boolean).length, 1);
  });

  it('and lets the browser forget one that is nobody’s, but none that is somebody’s', async () => {
    const { key, browser } = await withPasskey(portal, UMA);
    await addPasskey(browser, new Authenticator());
    const mark = async (odd: Oddities): Promise<string | undefined> =>
      (await signInAlone(portal.browser(), key, { odd })).document
        .querySelector('[data-unknown]')
        ?.getAttribute('data-unknown');
    assert.equal(await mark({ forged: true }), undefined);
    const { id } = await Passkey.findOne({ where: { credentialId: key.id }, rejectOnEmpty: true });
    await browser.submit(PASSKEYS, `${PASSKEYS}/${id}/removal`);
    assert.equal(await mark({ challenge: Buffer.alloc(32).toString('base64url') }), undefined, 'It was not asked for.');
    assert.equal(await mark({}), key.id);
  });
});

describe('A passkey of an organisation that has a host of its own', () => {
  it('opens nothing at the host of another, nor at the one of them all, which asks for none', async () => {
    const env = { BASE_URL: 'https://portal.example', BASE_DOMAIN: 'portal.example', TRUST_PROXY: '1' };
    const portal = await startPortal({ env });
    const at = (slug: string): Browser => {
      const browser = new Browser(portal.app, `https://${slug}.portal.example`, () => portal.services.aside.settled());
      browser.headers['X-Forwarded-Proto'] = 'https';
      return browser;
    };
    try {
      const browser = at('acme');
      await browser.submit('/login', '/login', { username: 'uma', password: PASSWORD });
      const key = new Authenticator();
      assert.equal((await addPasskey(browser, key)).status, 200);
      assert.equal(optionsOn(await at('acme').open('/login')).rpId, 'acme.portal.example');
      assert.equal((await signInAlone(at('acme'), key)).status, 303);
      for (const odd of [{}, { rpId: 'acme.portal.example' }, { origin: 'https://acme.portal.example' }])
        assert.equal((await signInAlone(at('globex'), key, { odd })).status, 422);
      // The very same answer, had the other host asked for it.
      await Passkey.update({ rpId: 'globex.portal.example' }, { where: {} });
      assert.equal((await signInAlone(at('globex'), key)).status, 422);
      const apex = new Browser(portal.app, 'https://portal.example', () => portal.services.aside.settled());
      apex.headers['X-Forwarded-Proto'] = 'https';
      assert.ok(!(await apex.open('/login')).html.includes('data-options'));
      await setPolicy(portal, 'acme', { passkeys: 'second-factor' });
      assert.ok(!(await at('acme').open('/login')).html.includes('data-options'));
    } finally {
      await portal.close();
    }
  });
});

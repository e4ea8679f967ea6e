import assert from 'node:assert/strict';
import { Authenticator } from '../support/authenticator.js';
import type { Browser, Page } from '../support/browser.js';
import { addPasskey } from '../support/passkeys.js';
import type { Phone } from '../support/phone.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import {
  beginSetup,
  enrol,
  halfSignedIn,
  sendCode,
  signedInWith,
  toMidStep,
  validate,
} from '../support/second-factor.js';

describe('Wrong codes by who knows the password', () => {
  let portal: Portal;
  let phone: Phone;
  let codes: string[];
  beforeEach(async () => {
    portal = await startPortal();
    toMidStep(portal);
    ({ phone, codes } = await enrol(portal, 'acme/uma'));
  });
  afterEach(() => portal.close());

  const wrong = (): string => String((Number(phone.code()) + 1) % 1_000_000).padStart(6, '0');
  /** The address is forgiven, so that only the account counts. */
  const fail = async (browser: Browser, code: string): Promise<void> => {
    assert.equal((await sendCode(browser, code)).status, 422);
    await portal.database.sequelize.query(`DELETE FROM throttles WHERE key LIKE 'failures/%'`);
  };
  /** Fails until strangers are locked out; gives the answer to the right code after that. */
  async function lockOutStrangers(): Promise<Page> {
    for (let sign = 0; sign < 2; sign += 1) {
      const stranger = await halfSignedIn(portal, 'acme/uma');
      for (let tries = 0; tries < 5; tries += 1) await fail(stranger, wrong());
    }
    return sendCode(await halfSignedIn(portal, 'acme/uma'), phone.nextCode());
  }

  it('lock out strangers, and not a browser that has passed the second factor before, by code or recovery code', async () => {
    const own = await signedInWith(portal, 'acme/uma', phone);
    await own.submit('/security', '/logout');
    assert.equal((await lockOutStrangers()).status, 429);
    await halfSignedIn(portal, 'acme/uma', own);
    assert.equal((await sendCode(own, phone.nextCode())).status, 303);
    await own.submit('/security', '/logout');
    await halfSignedIn(portal, 'acme/uma', own);
    const answer = await own.submit('/login/recovery', '/login/recovery', { recoveryCode: codes[0] ?? '' });
    assert.equal(answer.status, 303);
    const stranger = await halfSignedIn(portal, 'acme/uma');
    assert.equal((await sendCode(stranger, phone.nextCode())).status, 429, 'And that lets no stranger in.');
  });

  it('nor who is signed in: they confirm who they are', async () => {
    const own = await signedInWith(portal, 'acme/uma', phone);
    await lockOutStrangers();
    const answer = await own.submit('/confirm', '/confirm', { password: PASSWORD, code: phone.nextCode() });
    assert.equal(answer.status, 303);
  });

  it('nor who connects an app, signed in: with a passkey before it, or by a pass', async () => {
    const browser = await portal.signedIn('acme/umar');
    const key = new Authenticator();
    await addPasskey(browser, key);
    const app = await beginSetup(portal, browser);
    for (let sign = 0; sign < 2; sign += 1) {
      const stranger = await halfSignedIn(portal, 'acme/umar');
      for (let tries = 0; tries < 5; tries += 1) {
        const wrong = { recoveryCode: 'aaaa-aaaa-aaaa-aaaa' };
        assert.equal((await stranger.submit('/login/recovery', '/login/recovery', wrong)).status, 422);
        await portal.database.sequelize.query(`DELETE FROM throttles WHERE key LIKE 'failures/%'`);
      }
    }
    assert.equal((await validate(browser, app.code())).status, 200);
  });

  it('lock out a browser that is known for the password alone, from before the second factor', async () => {
    const early = portal.browser();
    await early.signIn('acme/umar', PASSWORD);
    await early.submit('/security', '/logout');
    portal.clock.move(60_000);
    const umar = await enrol(portal, 'acme/umar');
    for (let sign = 0; sign < 2; sign += 1) {
      const stranger = await halfSignedIn(portal, 'acme/umar');
      for (let tries = 0; tries < 5; tries += 1) await fail(stranger, '000000');
    }
    await halfSignedIn(portal, 'acme/umar', early);
    assert.equal((await sendCode(early, umar.phone.nextCode())).status, 429);
  });

  it('count in a known browser, too, and an administrator opens that lock with the other', async () => {
    const own = await signedInWith(portal, 'acme/uma', phone);
    await own.submit('/security', '/logout');
    for (let sign = 0; sign < 2; sign += 1) {
      await halfSignedIn(portal, 'acme/uma', own);
      for (let tries = 0; tries < 5; tries += 1) await fail(own, wrong());
    }
    await halfSignedIn(portal, 'acme/uma', own);
    assert.equal((await sendCode(own, phone.nextCode())).status, 429);
    const adam = await portal.signedIn('acme/adam');
    const at = `/admin/users/${portal.idOf('acme/uma')}`;
    assert.equal((await adam.submit(at, `${at}/unlock`, { reason: 'She called' })).status, 303);
    assert.equal((await sendCode(own, phone.nextCode())).status, 303);
  });
});

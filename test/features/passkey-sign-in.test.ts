import assert from 'node:assert/strict';
import { Passkey } from '#models/passkey.js';
import { User } from '#models/user.js';
import { Authenticator, optionsOn } from '../support/authenticator.js';
import { watchHashing } from '../support/hashing.js';
import { ALONE, PASSKEYS, addPasskey, sendPasskey, signInAlone, withPasskey } from '../support/passkeys.js';
import { startPortal, type Portal } from '../support/portal.js';
import { halfSignedIn, isSignedIn, setPolicy } from '../support/second-factor.js';
import { newestDetails } from '../support/users.js';

const UMA = 'acme/uma';
const MAIL = 'uma@acme.example';

describe('Signing in with a passkey alone', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const only = async (): Promise<Passkey> => Passkey.findOne({ rejectOnEmpty: true });

  it('asks for neither name, password nor code, hashes nothing, and says how it was done', async () => {
    const { key, browser: before } = await withPasskey(portal, UMA, { synced: true, backedUp: true });
    await before.submit('/security', '/logout');
    const hashing = watchHashing(portal);
    const answer = await signInAlone(before, key, { at: '/login?next=/security/sessions' });
    assert.equal(answer.location, '/security/sessions');
    assert.match((await before.open('/security/sessions')).text, /Synced passkey/);
    assert.equal(hashing.verified, 0);
    const details = await newestDetails(portal, 'acme', 'sign-in.succeeded');
    assert.deepEqual(details, { methods: ['swk', 'user', 'mfa'] }, 'It counts as both factors.');
    assert.match((await before.open(PASSKEYS)).text, /Firefox 143 on Linux, 127/);
    assert.equal((await before.get('/security/passkeys/new')).status, 200, 'It is a fresh sign-in.');
  });

  it('is mailed to its owner where the browser is new, and remembered', async () => {
    const { key } = await withPasskey(portal, UMA);
    const browser = portal.browser();
    assert.equal((await signInAlone(browser, key)).location, '/');
    assert.match((await portal.inbox.newestTo(MAIL)).subject, /sign-in/i);
    const mails = (await portal.inbox.mailsTo(MAIL)).length;
    await browser.submit('/security', '/logout');
    assert.equal((await browser.open('/login')).valueOf('organization'), 'acme');
    await signInAlone(browser, key);
    assert.equal((await portal.inbox.mailsTo(MAIL)).length, mails);
  });

  it('is asked of everybody alike: of nobody in particular, with PIN, finger or face', async () => {
    await withPasskey(portal, UMA);
    const asked = async (at: string): Promise<Record<string, unknown>> => {
      const { challenge, ...options } = optionsOn(await portal.browser().open(at));
      assert.equal(Buffer.from(String(challenge), 'base64url').length, 32);
      return options;
    };
    const options = await asked('/login');
    assert.deepEqual(options, {
      rpId: 'localhost',
      timeout: 300_000,
      userVerification: 'required',
      allowCredentials: [],
    });
    assert.deepEqual(await asked('/login?organization=acme'), options);
    assert.deepEqual(await asked('/login?organization=nobody'), options);
    const page = await portal.browser().open('/login');
    assert.ok(page.document.querySelector(`form[action="${ALONE}"]`)?.hasAttribute('hidden'));
    assert.equal(page.document.querySelector('[name=username]')?.getAttribute('autocomplete'), 'username webauthn');
    assert.match(
      page.document.querySelector('noscript')?.text ?? '',
      /password, and a code or a recovery code.*access pass/,
    );
  });

  it('leads into limited mode whoever must do something else first', async () => {
    const { key } = await withPasskey(portal, UMA);
    await User.update({ mustChangePassword: true }, { where: { id: portal.idOf(UMA) } });
    const browser = portal.browser();
    assert.equal((await signInAlone(browser, key)).status, 303);
    assert.equal((await browser.get('/security')).location, '/login/password');
  });

  it('is refused where somebody else has signed in in this browser meanwhile', async () => {
    const { key } = await withPasskey(portal, UMA);
    const browser = portal.browser();
    const page = await browser.open('/login');
    const form = { ...page.form(ALONE), credential: key.get(page) };
    await browser.signIn('acme/umar', 'plum-harbour-violet-84');
    assert.equal((await browser.post(ALONE, form)).status, 403, 'The form is of who was there before.');
    assert.match((await browser.open('/profile')).html, /umar@acme\.example/);
  });

  it('is for passkeys alone that were made with PIN, finger or face, whose owner says so', async () => {
    const { browser, key } = await withPasskey(portal, UMA, {}, { signInAlone: [] });
    const own = `${PASSKEYS}/${(await only()).id}`;
    assert.equal((await signInAlone(portal.browser(), key)).status, 422);
    assert.equal(
      (await sendPasskey(await halfSignedIn(portal, UMA), key)).status,
      303,
      'It stands beside the password.',
    );

    assert.equal((await browser.submit(own, own, { name: 'Mine', signInAlone: 'on' })).status, 303);
    assert.deepEqual((await newestDetails(portal, 'acme', 'passkey.changed'))['signInAlone'], {
      from: false,
      to: true,
    });
    assert.match((await portal.inbox.newestTo(MAIL)).subject, /Your passkey “Mine” .* was changed/);
    assert.equal((await signInAlone(portal.browser(), key)).status, 303);
    assert.equal((await browser.submit(own, own, { name: 'Mine', signInAlone: [] })).status, 303);
    assert.equal((await signInAlone(portal.browser(), key)).status, 422);
  });

  it('is for no key that was made without, whatever is sent', async () => {
    const { browser, key } = await withPasskey(portal, UMA, { verified: false }, { signInAlone: 'on' });
    const { id, signInAlone: alone } = await only();
    assert.equal(alone, false);
    const own = `${PASSKEYS}/${id}`;
    const page = await browser.open(own);
    assert.match(page.text, /Asked for after the password: it was made without PIN, finger or face/);
    assert.ok(!('signInAlone' in page.form(own)));
    const forced = await browser.post(own, { ...page.form(own), signInAlone: 'on' });
    assert.equal(forced.status, 422);
    assert.match(forced.alert, /stands beside the password only/);
    await Passkey.update({ signInAlone: true }, { where: { id } });
    assert.equal((await signInAlone(portal.browser(), key, { odd: { verified: true } })).status, 422);
  });

  it('is not promised to a key that cannot be found without a name', async () => {
    const browser = await portal.signedIn(UMA);
    const key = new Authenticator();
    const page = await browser.open('/security/passkeys/new');
    const made = JSON.parse(key.create(page)) as Record<string, unknown>;
    const credential = JSON.stringify({ ...made, clientExtensionResults: { credProps: { rk: false } } });
    await browser.post(PASSKEYS, { ...page.form(PASSKEYS), credential });
    assert.equal((await only()).signInAlone, false);
  });

  it('is what the organisation decides: beside the password, or not at all', async () => {
    const { browser, key } = await withPasskey(portal, UMA);
    await setPolicy(portal, 'acme', { passkeys: 'second-factor' });
    assert.equal((await signInAlone(portal.browser(), key)).status, 422);
    const page = await browser.open('/security/passkeys/new');
    assert.ok(!('signInAlone' in page.form(PASSKEYS)));
    await addPasskey(browser, new Authenticator(), { fields: { signInAlone: 'on' } });
    assert.deepEqual((await Passkey.findAll({ order: ['createdAt'] })).map((one) => one.signInAlone).sort(), [
      false,
      true,
    ]);
    await setPolicy(portal, 'acme', { passkeys: 'off' });
    assert.equal((await signInAlone(portal.browser(), key)).status, 422);
    await setPolicy(portal, 'acme', { passkeys: 'passwordless' });
    const again = portal.browser();
    await signInAlone(again, key);
    assert.ok(await isSignedIn(again));
  });
});

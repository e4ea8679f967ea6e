import assert from 'node:assert/strict';
import { Passkey } from '#models/passkey.js';
import { Authenticator, optionsOn } from '../support/authenticator.js';
import { ANOTHER_TAB, type Browser } from '../support/browser.js';
import { NEW_PASSKEY, PASSKEYS, addPasskey, sendPasskey, withPasskey, type Keyed } from '../support/passkeys.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { codesOn, enrol, halfSignedIn, isSignedIn, setPolicy, signedInWith } from '../support/second-factor.js';
import { newestDetails } from '../support/users.js';

const UMA = 'acme/uma';
const MAIL = 'uma@acme.example';

describe('The passkeys of a user', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const rows = (): Promise<Passkey[]> => Passkey.findAll({ where: { userId: portal.idOf(UMA) } });
  const only = async (): Promise<Passkey> => (await rows())[0] ?? assert.fail('There is no passkey.');

  it('are made for this portal alone, under a handle that says nothing, and never for the same device twice', async () => {
    const browser = await portal.signedIn(UMA);
    const asked = optionsOn(await browser.open(NEW_PASSKEY)) as unknown as Record<string, never>;
    const {
      rp,
      user,
      authenticatorSelection: wanted,
      excludeCredentials,
      challenge,
    } = asked as unknown as {
      rp: { id: string };
      user: { id: string; name: string };
      authenticatorSelection: Record<string, string>;
      excludeCredentials: { id: string }[];
      challenge: string;
    };
    assert.equal(rp.id, 'localhost');
    assert.equal(Buffer.from(user.id, 'base64url').length, 64);
    assert.equal(Buffer.from(challenge, 'base64url').length, 32);
    assert.deepEqual(wanted, { residentKey: 'preferred', userVerification: 'preferred' });
    assert.deepEqual(excludeCredentials, []);
    const key = new Authenticator();
    assert.equal((await addPasskey(browser, key)).status, 200);
    const again = optionsOn(await browser.open(NEW_PASSKEY)) as unknown as {
      user: { id: string };
      excludeCredentials: { id: string }[];
    };
    assert.deepEqual(
      again.excludeCredentials.map(({ id }) => id),
      [key.id],
    );
    assert.equal(again.user.id, key.userHandle);
    assert.equal((await only()).userHandle, key.userHandle);
  });

  it('give recovery codes with the first factor, end the other sessions, and leave three traces', async () => {
    const other = await portal.signedIn(UMA);
    const { browser, codes } = await withPasskey(portal, UMA, { synced: true, backedUp: true }, { name: 'Phone' });
    assert.equal(codes.length, 10);
    assert.ok(await isSignedIn(browser));
    assert.ok(!(await isSignedIn(other)));
    const details = { name: 'Phone', synced: true, signInAlone: true };
    assert.deepEqual(await newestDetails(portal, 'acme', 'passkey.added'), details);
    assert.match((await portal.inbox.newestTo(MAIL)).subject, /New passkey “Phone” on your Acme account/);
    const list = await browser.open(PASSKEYS);
    assert.match(list.text, /You have only one: add a spare/);
    assert.match(list.text, /Phone\s*Synced/);
    assert.match((await browser.open('/security')).text, /You have one passkey. Add a spare/);

    const second = await addPasskey(browser, new Authenticator());
    assert.equal(codesOn(second).length, 0);
    assert.match((await browser.follow(second)).text, /Passkey made with Firefox 143 on Linux\s*Only on this device/);
  });

  it('are told of to what keeps them: where they are made and looked after, and which of them are good still', async () => {
    const endpoints = await portal.browser().get('/.well-known/passkey-endpoints');
    const at = portal.config.baseUrl;
    assert.deepEqual(JSON.parse(endpoints.html), { enroll: `${at}${NEW_PASSKEY}`, manage: `${at}${PASSKEYS}` });
    const { browser, key } = await withPasskey(portal, UMA);
    const accepted = async (): Promise<unknown> => {
      const list = (await browser.open(PASSKEYS)).document.querySelector('[data-accepted]');
      return JSON.parse(list?.getAttribute('data-accepted') ?? 'null') as unknown;
    };
    const all = { rpId: 'localhost', userId: key.userHandle, allAcceptedCredentialIds: [key.id] };
    assert.deepEqual(await accepted(), all);
    await addPasskey(browser, new Authenticator());
    await browser.submit(PASSKEYS, `${PASSKEYS}/${(await only()).id}/removal`);
    assert.equal((await rows()).length, 1);
    const { credentialId } = await only();
    assert.deepEqual(await accepted(), { ...all, allAcceptedCredentialIds: [credentialId] });
  });

  it('are asked for after the password, with the code of the app beside them, and say so of the session', async () => {
    const { key } = await withPasskey(portal, UMA);
    const browser = await halfSignedIn(portal, UMA);
    const page = await browser.open('/login/two-factor');
    assert.equal(page.heading, 'Use your passkey');
    assert.match(page.text, /Without JavaScript no passkey can be used: use a recovery code/);
    assert.equal(optionsOn(page)['userVerification'], 'discouraged');
    assert.equal((await sendPasskey(browser, key, { verified: false })).status, 303);
    assert.ok(await isSignedIn(browser));
    const details = await newestDetails(portal, 'acme', 'sign-in.succeeded');
    assert.deepEqual(details['methods'], ['pwd', 'hwk', 'user', 'mfa']);
    assert.match((await browser.open('/security/sessions')).text, /Password and passkey of one device/);
    assert.match((await browser.open(PASSKEYS)).text, /Firefox 143 on Linux, 127/);
  });

  it('let a recovery code stand in, and the code of an app beside them', async () => {
    const { codes } = await withPasskey(portal, UMA);
    const lost = await halfSignedIn(portal, UMA);
    assert.equal(
      (await lost.submit('/login/recovery', '/login/recovery', { recoveryCode: codes[0] ?? '' })).status,
      303,
    );
    assert.ok(await isSignedIn(lost));
    assert.deepEqual((await newestDetails(portal, 'acme', 'sign-in.succeeded'))['methods'], ['pwd', 'recovery', 'mfa']);
  });

  it('stand in the way of a set-up that is pending: what the page shows to who has the password proves nothing', async () => {
    const { browser, key } = await withPasskey(portal, UMA);
    await browser.submit('/security/two-factor', '/security/two-factor/setup');
    const thief = await halfSignedIn(portal, UMA);
    assert.equal((await thief.get('/login/two-factor/setup')).location, '/login/two-factor');
    const csrf = await thief.csrf('/login/two-factor');
    const forced = await thief.post('/login/two-factor/setup', { code: '000000', _csrf: csrf });
    assert.equal(forced.status, 409);
    assert.equal((await sendPasskey(thief, key)).status, 303);
  });

  it('confirm what is sensitive: alone with PIN, finger or face, else beside the password', async () => {
    const { browser, key } = await withPasskey(portal, UMA);
    portal.clock.move(11 * 60_000);
    const page = await browser.open('/confirm?next=/security/passkeys/new');
    assert.equal(optionsOn(page)['userVerification'], 'required');
    const form = page.form('/confirm/passkey');
    const weak = await browser.post('/confirm/passkey', { ...form, credential: key.get(page, { verified: false }) });
    assert.equal(weak.status, 422);
    assert.match(weak.alert, /This passkey was not accepted/);
    const right = await browser.post('/confirm/passkey', {
      ...weak.form('/confirm/passkey'),
      credential: key.get(weak),
    });
    assert.equal(right.location, '/security/passkeys/new');
    assert.equal((await browser.get('/security/passkeys/new')).status, 200);
  });

  it('that ask for nothing confirm beside the password, and the password alone no longer does', async () => {
    const { browser, key, codes } = await withPasskey(portal, UMA, { verified: false });
    portal.clock.move(11 * 60_000);
    assert.equal((await browser.submit('/confirm', '/confirm', { password: PASSWORD, recoveryCode: '' })).status, 422);
    const page = await browser.open('/confirm?next=/security');
    const form = page.form('/confirm/passkey');
    assert.ok('password' in form);
    const alone = await browser.post('/confirm/passkey', { ...form, credential: key.get(page) });
    assert.equal(alone.status, 422);
    const both = { ...alone.form('/confirm/passkey'), credential: key.get(alone), password: PASSWORD };
    assert.equal((await browser.post('/confirm/passkey', both)).status, 303);
    portal.clock.move(11 * 60_000);
    const lost = { password: PASSWORD, recoveryCode: codes[1] ?? '' };
    assert.equal((await browser.submit('/confirm', '/confirm', lost)).status, 303);
  });

  it('are renamed, and removed with what came with them; the other sessions end', async () => {
    const { browser, key, codes } = await withPasskey(portal, UMA, {}, { name: 'Old' });
    const { id } = await only();
    assert.equal((await browser.submit(`${PASSKEYS}/${id}`, `${PASSKEYS}/${id}`, { name: 'New' })).status, 303);
    assert.deepEqual(await newestDetails(portal, 'acme', 'passkey.changed'), { name: { from: 'Old', to: 'New' } });
    const other = await halfSignedIn(portal, UMA);
    await sendPasskey(other, key);
    const asked = await browser.open(`${PASSKEYS}/${id}/removal`);
    assert.match(
      asked.text,
      /Your password alone then opens your account, and your recovery codes go with it: 10 codes/,
    );
    assert.equal((await browser.submit(PASSKEYS, `${PASSKEYS}/${id}/removal`)).status, 303);
    assert.equal((await rows()).length, 0);
    assert.ok(await isSignedIn(browser));
    assert.ok(!(await isSignedIn(other)));
    assert.match((await portal.inbox.newestTo(MAIL)).subject, /Your passkey “New” at Acme was removed/);
    const fresh = await portal.signedIn(UMA);
    assert.ok(await isSignedIn(fresh), 'Nothing more is asked for.');
    assert.ok(codes.length > 0);
  });

  it('that are the only factor stay while the organisation demands one', async () => {
    await setPolicy(portal, 'acme', { twoFactor: 'required', graceDays: 0 });
    const browser = await portal.signedIn(UMA);
    const page = await browser.open('/security');
    assert.match(page.text, /Your organisation demands two-factor authentication/);
    const key = new Authenticator();
    assert.equal(codesOn(await addPasskey(browser, key)).length, 10);
    assert.equal((await browser.get('/security')).status, 200, 'The demand is met.');
    const { id } = await only();
    assert.equal((await browser.get(`${PASSKEYS}/${id}/removal`)).status, 409);
    const forced = await browser.post(`${PASSKEYS}/${id}/removal`, { _csrf: await browser.csrf('/security') });
    assert.equal(forced.status, 409);
    assert.match(forced.text, /Add another passkey or connect an authenticator app first/);
    assert.equal((await addPasskey(browser, new Authenticator())).status, 303);
    assert.equal((await browser.submit(PASSKEYS, `${PASSKEYS}/${id}/removal`)).status, 303);
  });

  it('keep the recovery codes when the app goes, and are twenty at most', async () => {
    const { phone } = await enrol(portal, UMA);
    const browser = await signedInWith(portal, UMA, phone);
    for (let count = 0; count < 20; count += 1)
      assert.equal((await addPasskey(browser, new Authenticator(), { fields: ANOTHER_TAB })).status, 303);
    assert.equal((await browser.get(NEW_PASSKEY)).status, 409);
    const removal = '/security/two-factor/removal';
    const off = { password: PASSWORD, code: phone.nextCode() };
    assert.equal((await browser.submit('/security/two-factor', removal, off)).status, 303);
    assert.match((await browser.open(PASSKEYS)).text, /10 recovery codes are left/);
    assert.equal((await browser.submit('/security/recovery-codes', '/security/recovery-codes')).status, 200);
  });

  it('sleep where the organisation switches them off: they are listed, and asked for nothing', async () => {
    const { browser } = await withPasskey(portal, UMA);
    await setPolicy(portal, 'acme', { passkeys: 'off' });
    assert.ok(await isSignedIn(await portal.signedIn(UMA)));
    assert.match((await browser.open(PASSKEYS)).text, /switched passkeys off/);
    assert.equal((await browser.get(NEW_PASSKEY)).status, 409);
  });

  it('that answer to another address say so, are never offered, and are still asked for', async () => {
    const { browser } = await withPasskey(portal, UMA);
    await Passkey.update({ rpId: 'old.example' }, { where: {} });
    assert.match((await browser.open(PASSKEYS)).text, /Some of your passkeys are asleep/);
    const half: Browser = await halfSignedIn(portal, UMA);
    const page = await half.open('/login/two-factor');
    assert.match(page.text, /None of your passkeys can be used here now/);
    assert.ok(!page.html.includes('data-options'));
  });

  it('of a thief are dead after “This wasn’t me”, and those of before are not', async () => {
    const { browser, key }: Keyed = await withPasskey(portal, UMA, {}, { name: 'Mine' });
    portal.clock.move(30 * 24 * 3_600_000);
    const again = await halfSignedIn(portal, UMA);
    await sendPasskey(again, key);
    await addPasskey(again, new Authenticator(), { fields: { name: 'Theirs' } });
    const link = await portal.inbox.linkTo(MAIL, '/disavowal/');
    assert.equal((await portal.browser().submit(link, link)).status, 303);
    assert.deepEqual((await rows()).map(({ name, suspendedAt }) => [name, suspendedAt !== null]).sort(), [
      ['Mine', false],
      ['Theirs', true],
    ]);
    assert.ok(!(await isSignedIn(browser)));
    assert.match((await portal.inbox.newestTo('olivia@acme.example')).text, /the passkey “Theirs”/);
  });
});

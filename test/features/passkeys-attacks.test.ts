import assert from 'node:assert/strict';
import { Passkey } from '#models/passkey.js';
import { relyingPartyOf } from '#server/identity/relying-party.js';
import { Authenticator, type Oddities } from '../support/authenticator.js';
import { ANOTHER_TAB, type Browser } from '../support/browser.js';
import { NEW_PASSKEY, PASSKEYS, SECOND, addPasskey, sendPasskey, withPasskey } from '../support/passkeys.js';
import { happened } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';
import { halfSignedIn, isSignedIn, setPolicy } from '../support/second-factor.js';
import { newestDetails } from '../support/users.js';

const UMA = 'acme/uma';
const MAIL = 'uma@acme.example';
const CODE = '/login/two-factor';

describe('A passkey is not accepted', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const refusals = (): Promise<number> => happened(portal, 'acme', 'passkey.failed');

  it('from another site, for another host, untouched, by another hand or under another name', async () => {
    const { key } = await withPasskey(portal, UMA);
    const wrong: Record<string, Oddities> = {
      'another origin': { origin: 'http://localhost:4000' },
      'a site below ours': { origin: 'http://evil.localhost:3000' },
      'another host': { rpId: 'elsewhere.example' },
      'a frame of another site': { crossOrigin: true },
      'the answer of a new passkey': { type: 'webauthn.create' },
      'an untouched one': { absent: true },
      'another key': { forged: true },
      'a made-up challenge': { challenge: Buffer.alloc(32, 7).toString('base64url') },
      'the handle of somebody else': { userHandle: Buffer.alloc(64, 7).toString('base64url') },
      'one that can be copied now': { synced: true, backedUp: true },
    };
    for (const [what, odd] of Object.entries(wrong)) {
      const before = await refusals();
      const browser = await halfSignedIn(portal, UMA);
      const answer = await sendPasskey(browser, key, odd);
      assert.equal(answer.status, 422, what);
      assert.match(answer.alert, /This passkey was not accepted/, what);
      assert.ok(!(await isSignedIn(browser)), what);
      assert.equal(await refusals(), before + 1, `${what} is in the log`);
      await portal.database.sequelize.query('DELETE FROM throttles');
    }
    assert.equal((await sendPasskey(await halfSignedIn(portal, UMA), key)).status, 303, 'The very same one is.');
  });

  it('that is somebody else’s, in doubt, or gone', async () => {
    const { key, browser } = await withPasskey(portal, UMA);
    const { key: others } = await withPasskey(portal, 'acme/umar');
    const half = await halfSignedIn(portal, UMA);
    assert.equal((await sendPasskey(half, others, { userHandle: key.userHandle ?? null })).status, 422);
    const doubtful = await halfSignedIn(portal, UMA);
    const page = await doubtful.open(CODE);
    await Passkey.update({ suspendedAt: 1 }, { where: { userId: portal.idOf(UMA) } });
    const answer = { ...page.form(SECOND), credential: key.get(page) };
    assert.equal(
      (await doubtful.post(SECOND, answer)).status,
      422,
      'It is set aside until its owner has looked at it.',
    );
    assert.ok(await isSignedIn(browser));
  });

  it('that the organisation has switched off since it was asked for', async () => {
    const { key } = await withPasskey(portal, UMA);
    const half = await halfSignedIn(portal, UMA);
    const page = await half.open(CODE);
    await setPolicy(portal, 'acme', { passkeys: 'off' });
    const answer = await half.post(SECOND, { ...page.form(SECOND), credential: key.get(page) });
    assert.equal(answer.status, 409);
    assert.ok(!(await isSignedIn(half)));
  });

  it('twice for one asking, nor after five minutes, nor where something else was asked', async () => {
    const { key, browser } = await withPasskey(portal, UMA);
    const half = await halfSignedIn(portal, UMA);
    const page = await half.open(CODE);
    const wrongFirst = { ...page.form(SECOND), credential: key.get(page, { origin: 'https://elsewhere.example' }) };
    assert.equal((await half.post(SECOND, wrongFirst)).status, 422);
    const better = { ...page.form(SECOND), ...ANOTHER_TAB, credential: key.get(page) };
    assert.equal((await half.post(SECOND, better)).status, 422, 'A wrong answer cannot be bettered.');

    const late = await half.open(CODE);
    const answer = { ...late.form(SECOND), credential: key.get(late) };
    portal.clock.move(290_000);
    const other = await halfSignedIn(portal, UMA);
    const elsewhere = { ...(await other.open(CODE)).form(SECOND), credential: answer.credential };
    assert.equal((await other.post(SECOND, elsewhere)).status, 422, 'It was asked of another sign-in.');
    const confirming = await browser.open('/confirm?next=/security');
    const moved = { ...confirming.form('/confirm/passkey'), credential: key.get(late) };
    assert.equal((await browser.post('/confirm/passkey', moved)).status, 422, 'It was asked for something else.');

    const page2 = await other.open(CODE);
    const old = key.get(page2);
    portal.clock.move(299_000);
    const fresh = await halfSignedIn(portal, UMA);
    assert.equal((await fresh.post(SECOND, { _csrf: await fresh.csrf(CODE), credential: old })).status, 422);
  });

  it('more than once, of twenty at the same time', async () => {
    const { key } = await withPasskey(portal, UMA);
    const half = await halfSignedIn(portal, UMA);
    const page = await half.open(CODE);
    const form = { ...page.form(SECOND), ...ANOTHER_TAB, credential: key.get(page) };
    const jars = Array.from({ length: 20 }, () => copyOf(portal, half));
    const answers = await Promise.all(jars.map((browser) => browser.post(SECOND, form)));
    const opened = await Promise.all(jars.map((browser) => isSignedIn(browser)));
    assert.equal(opened.filter(Boolean).length, 1);
    assert.equal(answers.filter(({ location }) => location === '/').length, 1);
    assert.ok(answers.every(({ status }) => status < 500));
  });

  it('after ten wrong ones, counted together with codes, and its owner is told', async () => {
    const { key } = await withPasskey(portal, UMA);
    for (let tries = 0; tries < 10; tries += 1) {
      await sendPasskey(await halfSignedIn(portal, UMA), key, { forged: true });
      await portal.database.sequelize.query(`DELETE FROM throttles WHERE key NOT LIKE 'codes/%'`);
    }
    const answer = await sendPasskey(await halfSignedIn(portal, UMA), key);
    assert.equal(answer.status, 429);
    assert.match((await portal.inbox.newestTo(MAIL)).subject, /code/i);
  });

  it('as what no browser sends; nothing of it is an error of ours', async () => {
    const { key } = await withPasskey(portal, UMA);
    const whole = (page: Parameters<Authenticator['get']>[0]): Record<string, unknown> =>
      JSON.parse(key.get(page)) as Record<string, unknown>;
    const odd: ((page: Parameters<Authenticator['get']>[0]) => string | string[])[] = [
      () => 'x',
      () => '[]',
      () => 'null',
      () => '"\u0000\\ud800"',
      () => ['{}', '{}'],
      () => 'x'.repeat(16_385),
      (page) => JSON.stringify({ ...whole(page), id: ['a'] }),
      (page) => JSON.stringify({ ...whole(page), response: { clientDataJSON: 'AAAA' } }),
      (page) => JSON.stringify({ ...whole(page), rawId: 'AAAA' }),
      (page) => key.get(page).replace(/"authenticatorData":"[^"]+"/, '"authenticatorData":"AAAA"'),
      (page) => key.get(page).replace(/"signature":"[^"]+"/, '"signature":"AA"'),
    ];
    for (const make of odd) {
      const half = await halfSignedIn(portal, UMA);
      const page = await half.open(CODE);
      const answer = await half.post(SECOND, { ...page.form(SECOND), credential: make(page) });
      assert.equal(answer.status, 422, String(make(page)).slice(0, 80));
      assert.ok(!answer.html.includes('authenticatorData'), 'It does not come back on the page.');
      await portal.database.sequelize.query('DELETE FROM throttles');
    }
  });

  it('as a new one, when it was made elsewhere, twice, for somebody else, or is known already', async () => {
    const browser = await portal.signedIn(UMA);
    const refused: [string, Oddities][] = [
      ['another origin', { origin: 'https://elsewhere.example' }],
      ['another host', { rpId: 'elsewhere.example' }],
      ['untouched', { absent: true }],
      ['an answer to something else', { type: 'webauthn.get' }],
      ['a made-up challenge', { challenge: Buffer.alloc(32, 1).toString('base64url') }],
    ];
    for (const [what, odd] of refused)
      assert.equal((await addPasskey(browser, new Authenticator(), { odd })).status, 422, what);
    const key = new Authenticator();
    const page = await browser.open(NEW_PASSKEY);
    const form = { ...page.form(PASSKEYS), credential: key.create(page) };
    assert.equal((await browser.post(PASSKEYS, form)).status, 200);
    assert.equal((await browser.post(PASSKEYS, { ...form, ...ANOTHER_TAB })).status, 422, 'The asking is over.');
    assert.match((await addPasskey(browser, key)).alert, /is known here already/);
    const umar = await portal.signedIn('acme/umar');
    const theirs = await umar.open(NEW_PASSKEY);
    const stolen = {
      ...theirs.form(PASSKEYS),
      credential: new Authenticator().create(await browser.open(NEW_PASSKEY)),
    };
    assert.equal((await umar.post(PASSKEYS, stolen)).status, 422, 'It was asked of somebody else.');
    assert.equal(await Passkey.count(), 1);
  });

  it('in silence when its counter goes back: it may have been copied, and its owner and the log are told', async () => {
    const { key } = await withPasskey(portal, UMA, {}, { name: 'Token' });
    await sendPasskey(await halfSignedIn(portal, UMA), key, { counter: 40 });
    const half = await halfSignedIn(portal, UMA);
    assert.equal((await sendPasskey(half, key, { counter: 12 })).status, 303, 'Nobody is shut out by a repair.');
    const details = await newestDetails(portal, 'acme', 'passkey.counter-back');
    assert.deepEqual(details, { name: 'Token', counter: { from: 40, to: 12 } });
    const mails = await portal.inbox.mailsTo(MAIL);
    assert.ok(mails.some(({ subject }) => /may have been copied/.test(subject)));
    assert.equal((await Passkey.findOne({ rejectOnEmpty: true })).counter, 40);

    const { key: synced } = await withPasskey(portal, 'acme/umar', { synced: true });
    for (let uses = 0; uses < 2; uses += 1) await sendPasskey(await halfSignedIn(portal, 'acme/umar'), synced);
    const [row] = await portal.database.read(
      `SELECT COUNT(*) AS rows FROM security_events WHERE event = 'passkey.counter-back'`,
      [],
    );
    assert.equal(Number(row?.['rows']), 1, 'A synced one counts nothing.');
  });
});

describe('For whom passkeys are made', () => {
  const acme = { slug: 'acme', name: 'Acme' };
  it('is the host of the portal, or of the organisation where it has one; never a number', () => {
    const party = (baseUrl: string, baseDomain: string | null = null) => relyingPartyOf({ baseUrl, baseDomain }, acme);
    assert.deepEqual(party('https://portal.example:8443'), {
      id: 'portal.example',
      name: 'Acme',
      origin: 'https://portal.example:8443',
    });
    assert.deepEqual(party('https://portal.example', 'portal.example'), {
      id: 'acme.portal.example',
      name: 'Acme',
      origin: 'https://acme.portal.example',
    });
    assert.equal(party('http://127.0.0.1:3000')?.id, 'localhost');
    assert.equal(party('https://192.0.2.7'), null);
    assert.equal(party('https://[2001:db8::7]'), null);
  });

  it('is nobody over plain http but on this very machine, where browsers have none: nothing of them is offered', async () => {
    for (const baseUrl of ['http://portal.test', 'http://portal.example:8080', 'http://localhost.example'])
      assert.equal(relyingPartyOf({ baseUrl, baseDomain: null }, acme), null, baseUrl);
    for (const baseUrl of ['http://localhost', 'http://127.0.0.1:3000'])
      assert.ok(relyingPartyOf({ baseUrl, baseDomain: null }, acme), baseUrl);
    const plain = await startPortal({ env: { ALLOW_HTTP: '1', BASE_URL: 'http://portal.test' } });
    assert.doesNotMatch((await plain.browser().get('/login')).text, /passkey/i);
    const uma = await plain.signedIn('acme/uma');
    assert.ok(!(await uma.open('/security')).links().includes('/security/passkeys/new'));
    const page = await uma.open('/security/passkeys/new');
    assert.match(page.text, /No passkey can be made here: .* without https/);
    assert.deepEqual(
      page.forms().filter((to) => to === '/security/passkeys'),
      [],
    );
    await plain.close();
  });
});

/** Another browser with the same cookies. */
function copyOf(portal: Portal, browser: Browser): Browser {
  const copy = portal.browser();
  for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
  return copy;
}

import assert from 'node:assert/strict';
import { Passkey } from '#models/passkey.js';
import { Authenticator } from '../support/authenticator.js';
import type { Browser } from '../support/browser.js';
import { logged } from '../support/links.js';
import { newestDetails } from '../support/log.js';
import { ALONE, addPasskey, sendPasskey, signInAlone, withPasskey } from '../support/passkeys.js';
import { startPortal, type Portal } from '../support/portal.js';
import { enrol, halfSignedIn, isSignedIn, sendCode, setPolicy, signedInWith } from '../support/second-factor.js';

const UMA = 'acme/uma';

describe('A passkey that counts fewer uses than before, where the policy refuses it', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
    await setPolicy(portal, 'acme', { passkeyCounter: 'refuse' });
  });
  afterEach(() => portal.close());

  /** Each place that takes a passkey, and whether it was taken there. */
  const PLACES: Readonly<Record<string, (key: Authenticator, browser: Browser, counter: number) => Promise<boolean>>> =
    {
      'by itself': async (key, _browser, counter) =>
        (await signInAlone(portal.browser(), key, { odd: { counter } })).status === 303,
      'after the password': async (key, _browser, counter) =>
        (await sendPasskey(await halfSignedIn(portal, UMA), key, { counter })).status === 303,
      'to confirm': async (key, browser, counter) => {
        const page = await browser.open('/confirm?next=/security');
        const sent = { ...page.form('/confirm/passkey'), credential: key.get(page, { counter }) };
        return (await browser.post('/confirm/passkey', sent)).status === 303;
      },
    };

  for (const [place, use] of Object.entries(PLACES))
    it(`opens nothing ${place} until it counts further; log and owner are told`, async () => {
      const { key, browser } = await withPasskey(portal, UMA, {}, { name: 'Token' });
      assert.ok(await use(key, browser, 40));
      assert.equal(await use(key, browser, 12), false);
      assert.equal(await use(key, browser, 40), false, 'Nor where it stands still.');
      assert.deepEqual(await newestDetails(portal, 'acme', 'passkey.counter-back'), {
        name: 'Token',
        counter: { from: 40, to: 40 },
        refused: true,
      });
      const mails = await portal.inbox.mailsTo('uma@acme.example');
      assert.ok(mails.some(({ text }) => /It was refused, and opens nothing until it counts further/.test(text)));
      assert.ok(await use(key, browser, 41));
      assert.equal((await Passkey.findOne({ rejectOnEmpty: true })).counter, 41);
    });

  it('is let in where it is synced, and counts nothing', async () => {
    const { key } = await withPasskey(portal, UMA, { synced: true });
    for (let uses = 0; uses < 2; uses += 1) assert.equal((await signInAlone(portal.browser(), key)).status, 303);
  });
});

describe('Answers of one passkey that come together', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const together = async (key: Authenticator, count: number, odd = {}): Promise<number[]> => {
    const asked = await Promise.all(
      Array.from({ length: count }, async () => {
        const browser = portal.browser();
        const page = await browser.open('/login');
        return { browser, sent: { ...page.form(ALONE), credential: key.get(page, odd) } };
      }),
    );
    const answers = await Promise.all(asked.map(({ browser, sent }) => browser.post(ALONE, sent)));
    return answers.map(({ status }) => status);
  };

  it('are all let in where they are right, twenty at once', async () => {
    const { key } = await withPasskey(portal, UMA, { synced: true });
    assert.deepEqual(
      await together(key, 20),
      Array.from({ length: 20 }, () => 303),
    );
  });

  it('count further once, of twenty with one count: it was copied, and those of the copy are told of, or refused', async () => {
    const { key } = await withPasskey(portal, UMA);
    const ofCopies = () => logged(portal, 'acme', 'passkey.counter-back');
    const letIn = (answers: number[]) => answers.filter((status) => status === 303).length;
    assert.equal(letIn(await together(key, 5, { counter: 40 })), 5);
    assert.equal((await ofCopies()).length, 4);
    await setPolicy(portal, 'acme', { passkeyCounter: 'refuse' });
    assert.equal(letIn(await together(key, 20, { counter: 41 })), 1);
    const { counter } = await newestDetails(portal, 'acme', 'passkey.counter-back');
    assert.deepEqual(counter, { from: 41, to: 41 });
  });

  it('leave the highest of their counts, whichever comes last', async () => {
    const { key } = await withPasskey(portal, UMA);
    const asked = await Promise.all(
      [47, 46, 45, 44, 43, 42].map(async (counter) => {
        const browser = portal.browser();
        const page = await browser.open('/login');
        return () => browser.post(ALONE, { ...page.form(ALONE), credential: key.get(page, { counter }) });
      }),
    );
    await Promise.all(asked.map((send) => send()));
    assert.equal((await Passkey.findOne({ rejectOnEmpty: true })).counter, 47);
  });

  it('count each where they are wrong, and lock codes and passkeys alike', async () => {
    const { phone } = await enrol(portal, UMA);
    const key = new Authenticator({ synced: true });
    await addPasskey(await signedInWith(portal, UMA, phone), key);
    await together(key, 9, { forged: true });
    const before = await signInAlone(portal.browser(), key, { odd: { forged: true } });
    assert.equal(before.status, 422);
    await portal.database.sequelize.query(`DELETE FROM throttles WHERE key NOT LIKE 'codes/%'`);
    assert.equal((await signInAlone(portal.browser(), key)).status, 422, 'The tenth has locked it.');
    const half = await halfSignedIn(portal, UMA);
    assert.equal((await sendCode(half, phone.nextCode())).status, 429);
    assert.equal(await isSignedIn(half), false);
  });
});

import assert from 'node:assert/strict';
import { RecoveryCode } from '#models/recovery-code.js';
import { SecurityEvent } from '#models/security-event.js';
import { Session } from '#models/session.js';
import type { Browser, Page } from '../support/browser.js';
import { clearCounters } from '../support/database.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { codesOn, enrol, halfSignedIn, isSignedIn, signedInWith, type Enrolled } from '../support/second-factor.js';

const WHO = 'acme/uma';
const PAGE = '/login/recovery';

describe('Recovery codes', () => {
  let portal: Portal;
  let enrolled: Enrolled;
  beforeEach(async () => {
    portal = await startPortal();
    enrolled = await enrol(portal, WHO);
  });
  afterEach(() => portal.close());

  const send = (browser: Browser, recoveryCode: string): Promise<Page> => browser.submit(PAGE, PAGE, { recoveryCode });
  const codeAt = (index: number): string => enrolled.codes[index] ?? '';
  const left = (): Promise<number> =>
    RecoveryCode.count({ where: { userId: portal.idOf(WHO), usedAt: null, replacedAt: null } });
  const signInWith = async (recoveryCode: string): Promise<Browser> => {
    const browser = await halfSignedIn(portal, WHO);
    assert.equal((await send(browser, recoveryCode)).status, 303);
    return browser;
  };
  // The ids are in the order in which the codes were made.
  const useUp = async (from: number, to: number): Promise<unknown> => {
    const rows = await RecoveryCode.findAll({ where: { userId: portal.idOf(WHO) }, order: ['id'] });
    return RecoveryCode.update(
      { usedAt: portal.clock.now() },
      { where: { id: rows.slice(from, to).map(({ id }) => id) } },
    );
  };

  it('are a way on from the page that asks for a code, and sign in once', async () => {
    const browser = await halfSignedIn(portal, WHO);
    assert.ok((await browser.get('/login/two-factor')).links().includes(PAGE));
    const answer = await send(browser, codeAt(0));
    const page = await browser.follow(answer);
    assert.equal(page.path, '/security');
    assert.match(
      page.flash,
      /^You have used a recovery code\. 9 recovery codes are left\. If you have lost your app or a passkey, reset the secret/,
    );
    assert.ok(await isSignedIn(browser));
    const again = await halfSignedIn(portal, WHO);
    const refused = await send(again, codeAt(0));
    assert.equal(refused.status, 422);
    assert.match(refused.errorOf('recoveryCode'), /not right, or was used before/);
    assert.equal(refused.valueOf('recoveryCode'), '', 'what was typed is not shown');
    assert.ok(!(await isSignedIn(again)));
  });

  it('can be typed in capitals, without dashes, with spaces, or pasted with what was around them', async () => {
    await signInWith(codeAt(1).toUpperCase());
    await signInWith(codeAt(2).replaceAll('-', ''));
    await signInWith(` ${codeAt(3).replaceAll('-', ' ')} `);
    await signInWith(`“\u202a${codeAt(4).replaceAll('-', '\u00a0—\u200b')}\u202c”,\n`);
    assert.equal(await left(), 6);
  });

  it('are what was tried, and counted, only where it has the shape of one', async () => {
    const browser = await halfSignedIn(portal, WHO);
    for (const typed of ['123456', 'my password', codeAt(0).slice(1), `${codeAt(0)}2`, codeAt(0).replace(/./, '0')])
      assert.match((await send(browser, typed)).errorOf('recoveryCode'), /16 letters and digits/, typed);
    const counted = async () =>
      (await portal.database.read('SELECT key FROM throttles', [])).map(({ key }) => String(key));
    assert.ok(!(await counted()).some((key) => /^(code|failures)/.test(key)), 'nothing was counted');
    await send(browser, 'abcd-efgh-jkmn-pqrs');
    assert.ok(
      (await counted()).some((key) => key.startsWith('failures/')),
      'a guess is',
    );
  });

  it('are one string: neither a list of them, nor nothing', async () => {
    const browser = await halfSignedIn(portal, WHO);
    const { _csrf = '' } = (await browser.get(PAGE)).form(PAGE);
    for (const fields of [
      { recoveryCode: [codeAt(0), codeAt(1)] },
      { recoveryCode: '' },
      {},
      { recoveryCode: codeAt(0), userId: 'x' },
    ]) {
      assert.equal((await browser.post(PAGE, { _csrf, ...fields })).status, 422, JSON.stringify(fields));
    }
    assert.equal(await left(), 10);
  });

  it('are burned once by ten at once: one sign-in, one mail, nine left', async () => {
    const browsers = await Promise.all([1, 2, 3].map(() => halfSignedIn(portal, WHO)));
    const forms = await Promise.all(browsers.map(async (browser) => ({ browser, _csrf: await browser.csrf(PAGE) })));
    await clearCounters(portal.database);
    const all = Array.from({ length: 10 }, (_, n) => forms[n % 3]!).map(({ browser, _csrf }) =>
      browser.post(PAGE, { _csrf, recoveryCode: codeAt(4) }),
    );
    const answers = await Promise.all(all);
    assert.equal(
      answers.filter(({ status, location }) => status === 303 && location === '/').length,
      1,
      answers.map(({ status }) => status).join(),
    );
    assert.equal(await left(), 9);
    assert.equal(await Session.count({ where: { userId: portal.idOf(WHO), endedAt: null } }), 1);
    assert.equal(
      (await portal.inbox.mailsTo('uma@acme.example')).filter(({ text }) => text.includes('A recovery code was used'))
        .length,
      1,
    );
  });

  it('that were used before leave a high event in the log when they are tried again', async () => {
    await signInWith(codeAt(0));
    await send(await halfSignedIn(portal, WHO), codeAt(0));
    assert.equal(await SecurityEvent.count({ where: { event: 'recovery-code.used', targetId: portal.idOf(WHO) } }), 1);
    const reused = await SecurityEvent.findOne({ where: { event: 'recovery-code.reused' }, rejectOnEmpty: true });
    assert.deepEqual([reused.level, reused.actorId, reused.targetId], ['high', null, portal.idOf(WHO)]);
  });

  it('are kept as keyed hashes only, the used ones too', async () => {
    await signInWith(codeAt(0));
    const rows = JSON.stringify(await RecoveryCode.findAll());
    for (const code of enrolled.codes) assert.ok(!rows.includes(code) && !rows.includes(code.replaceAll('-', '')));
    assert.equal(await RecoveryCode.count({ where: { userId: portal.idOf(WHO) } }), 10);
  });

  it('are told of by mail when one is used, and when three or fewer are left', async () => {
    await signInWith(codeAt(0));
    const told = async (words: string): Promise<boolean> =>
      (await portal.inbox.mailsTo('uma@acme.example')).some(({ text }) => text.includes(words));
    assert.ok(await told('Codes left: 9'));
    assert.ok(!(await told('codes left')));
    await useUp(1, 7);
    const page = await (await signInWith(codeAt(8))).open('/security/two-factor');
    assert.match(page.text, /2 recovery codes are left.*Few recovery codes are left.*Make new ones/);
    assert.ok(await told('Recovery codes left for your account uma at Acme: 2.'));
  });

  it("are somebody's own: another's opens nothing", async () => {
    const other = await enrol(portal, 'acme/umar');
    assert.equal((await send(await halfSignedIn(portal, WHO), other.codes[0] ?? '')).status, 422);
    assert.equal(await left(), 10);
  });

  it('count against the five tries of a sign-in', async () => {
    const browser = await halfSignedIn(portal, WHO);
    for (let n = 0; n < 5; n += 1) assert.equal((await send(browser, 'abcd-efgh-jkmn-pqrs')).status, 422);
    assert.equal((await browser.get(PAGE)).location, '/login');
  });

  describe('made anew', () => {
    const renew = (browser: Browser): Promise<Page> =>
      browser.submit('/security/two-factor', '/security/recovery-codes');

    it('are shown once; the old ones no longer work, and a mail goes out', async () => {
      const browser = await signedInWith(portal, WHO, enrolled.phone);
      const page = await renew(browser);
      assert.equal(page.status, 200);
      assert.equal(page.headers['cache-control'], 'no-store');
      const codes = codesOn(page);
      assert.equal(codes.length, 10);
      assert.ok(codes.every((code) => !enrolled.codes.includes(code)));
      assert.match((await portal.inbox.newestTo('uma@acme.example')).text, /New recovery codes were made/);
      assert.ok(await isSignedIn(browser));
      assert.equal((await send(await halfSignedIn(portal, WHO), codeAt(0))).status, 422);
      await signInWith(codes[0] ?? '');
    });

    it('say on paper whose they are, where they are for, and when they were made', async () => {
      const page = await renew(await signedInWith(portal, WHO, enrolled.phone));
      const sheet = page.document.querySelector('.print-only')!.text.replace(/\s+/g, ' ');
      assert.match(sheet, /Organisation ?Acme.*Account ?Uma Ndiaye \(uma\).*Made ?\d{1,2} \w+ \d{4}.*Sign in at ?http/);
    });

    it('by several requests at once are ten in the end', async () => {
      const browser = await signedInWith(portal, WHO, enrolled.phone);
      const _csrf = await browser.csrf('/security/two-factor');
      const answers = await Promise.all([1, 2, 3, 4].map(() => browser.post('/security/recovery-codes', { _csrf })));
      assert.ok(answers.every(({ status }) => status === 200));
      assert.equal(await left(), 10);
    });

    it('need two-factor authentication, and are not offered by a link', async () => {
      const browser = await portal.signedIn('acme/umar');
      assert.equal(
        (await browser.post('/security/recovery-codes', { _csrf: await browser.csrf('/security') })).status,
        409,
      );
      assert.equal((await browser.get('/security/recovery-codes')).location, '/security/two-factor');
    });
  });

  it('stand in for the code when one confirms who one is', async () => {
    const browser = await signedInWith(portal, WHO, enrolled.phone);
    const page = await browser.open('/confirm?next=/profile');
    const other = page.links().find((href) => href.includes('with=recovery')) ?? '';
    const answer = await browser.submit(other, '/confirm', { password: PASSWORD, recoveryCode: codeAt(0) });
    assert.deepEqual([answer.status, answer.location], [303, '/profile']);
    assert.equal(await left(), 9);
    const refused = await browser.submit(other, '/confirm', { password: PASSWORD, recoveryCode: codeAt(0) });
    assert.notEqual(refused.errorOf('recoveryCode'), '');
    assert.notEqual(
      (await browser.submit(other, '/confirm', { password: PASSWORD, recoveryCode: '' })).errorOf('recoveryCode'),
      '',
    );
  });
});

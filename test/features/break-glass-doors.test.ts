import assert from 'node:assert/strict';
import { Passkey } from '#models/passkey.js';
import { User } from '#models/user.js';
import { keyedCalled } from '../support/break-glass.js';
import { basic, call } from '../support/credentials.js';
import { logged } from '../support/links.js';
import { RECOVERY, forbidPasswords, sendPasskey, signInAlone } from '../support/passkeys.js';
import { PASS_SETUP, enterPass, passFor } from '../support/passes.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { programOf, tokenFor, withApiKey, generateFor } from '../support/programs.js';
import { halfSignedIn, isSignedIn, setPolicy } from '../support/second-factor.js';
import { addSomebody } from '../support/users.js';
import type { Browser, Page } from '../support/browser.js';

type Keyed = Awaited<ReturnType<typeof keyedCalled>>;
const ELSEWHERE = '10.0.0.0/8';

describe('A break-glass account, where the organisation lets nobody in from', () => {
  let portal: Portal;
  let glen: Keyed;
  beforeEach(async () => {
    portal = await startPortal();
    await setPolicy(portal, 'acme', { passkeys: 'passwordless' });
    glen = await keyedCalled(portal, 'glen');
    await addSomebody(portal, 'acme/otto', 'owner');
  });
  afterEach(() => portal.close());

  const mark = (breakGlass: boolean) => User.update({ breakGlass }, { where: { id: glen.user.id } });
  const password = (browser: Browser): Promise<Page> => browser.tryToSignIn(glen.who, PASSWORD);

  /** Each way to sign in; gives the page that the last step led to. */
  const WAYS: Readonly<Record<string, (browser: Browser) => Promise<Page>>> = {
    async 'password and passkey'(browser) {
      const answer = await password(browser);
      return answer.status === 303 ? sendPasskey(browser, glen.key) : answer;
    },
    'passkey alone': (browser) => signInAlone(browser, glen.key),
    async 'access pass'(browser) {
      return enterPass(browser, glen.who, await passFor(portal, glen.who));
    },
  };

  for (const [way, signIn] of Object.entries(WAYS))
    it(`comes in by ${way}, and nobody else does; all owners are told at once`, async () => {
      await setPolicy(portal, 'acme', { allowedIps: ELSEWHERE });
      const refused = await signIn(portal.browser());
      assert.ok([403, 422].includes(refused.status), String(refused.status));
      assert.equal((await logged(portal, 'acme', 'sign-in.outside')).length, 1);
      await mark(true);
      const browser = portal.browser();
      assert.equal((await signIn(browser)).status, 303);
      const path = way === 'access pass' ? PASS_SETUP : '/security';
      assert.equal((await browser.get(path)).status, 200);
      const rows = await logged(portal, 'acme', 'break-glass.used');
      assert.deepEqual(
        rows.map((row) => [row['level'], row['actor_id'], row['target_id']]),
        [['high', glen.user.id, glen.user.id]],
      );
      for (const owner of ['olivia', 'otto'])
        assert.match(
          (await portal.inbox.newestTo(`${owner}@acme.example`)).text,
          /Somebody has signed in with Glen Somebody \(glen\), a break-glass account of Acme/,
        );
      assert.equal((await portal.inbox.mailsTo('adam@acme.example')).length, 0);
    });

  it('goes on in its session, and half-way through a sign-in; without the mark it does not', async () => {
    const half = await halfSignedIn(portal, glen.who);
    await setPolicy(portal, 'acme', { allowedIps: ELSEWHERE });
    for (const [marked, status] of [
      [false, 403],
      [true, 200],
      [false, 403],
    ] as const) {
      await mark(marked);
      assert.equal((await glen.browser.get('/security')).status, status);
      assert.equal((await half.get('/login/two-factor')).status, status);
    }
    await mark(true);
    // A write reads the rule again.
    const saved = await glen.browser.submit('/profile', '/profile', { name: 'Glen the Second' });
    assert.equal(saved.status, 303, saved.alert);
  });

  it('is bound as everybody is by what programs use', async () => {
    await setPolicy(portal, 'acme', { allowPasswordOnApi: true, passkeys: 'off' });
    const key = await generateFor(portal, glen.who, 'key');
    const { secret } = await tokenFor(portal, glen.who);
    const program = await programOf(portal, glen.who);
    const bound = { token: program, key: withApiKey(portal, key) };
    assert.equal((await call(portal, '/me', basic(glen.who, PASSWORD))).status, 200);
    await mark(true);
    assert.equal((await call(portal, '/me', basic(glen.who, PASSWORD))).status, 401, 'its password is for pages alone');
    await setPolicy(portal, 'acme', { allowedIps: ELSEWHERE });
    for (const [what, one] of Object.entries(bound)) assert.equal((await one.get('/me')).status, 403, what);
    assert.equal((await call(portal, '/forward-auth', { Authorization: `Bearer ${secret}` })).code, 'ip_not_allowed');
    // And a token's own addresses bind it where the organisation has none.
    await setPolicy(portal, 'acme', { allowedIps: '' });
    const elsewhere = await programOf(portal, glen.who, { allowedIps: ELSEWHERE });
    assert.equal((await elsewhere.get('/me')).status, 403);
  });

  it('signs in with its password, and its passkey after it, where passwords open nothing', async () => {
    await forbidPasswords(portal, 0);
    assert.equal((await password(portal.browser())).status, 422);
    await mark(true);
    const browser = portal.browser();
    assert.equal((await password(browser)).location, '/login/two-factor');
    assert.equal(await isSignedIn(browser), false, 'the password alone is not enough');
    assert.equal((await sendPasskey(browser, glen.key)).status, 303);
    assert.equal((await browser.get('/profile')).status, 200, 'and it may do all it may');
    const recovery = await portal
      .browser()
      .submit(RECOVERY, RECOVERY, { organization: 'acme', username: 'glen', recoveryCode: glen.codes[0] ?? '' });
    assert.equal(recovery.status, 422, 'a recovery code comes after its password');
  });

  /** Each by which the mark lifts nothing any more, though nobody has taken it. */
  const ENDS: Readonly<Record<string, () => Promise<unknown>>> = {
    'passkeys are switched off': () => setPolicy(portal, 'acme', { passkeys: 'off' }),
    'its passkeys are gone': () => Passkey.destroy({ where: { userId: glen.user.id } }),
    'its passkeys are in doubt': () => Passkey.update({ suspendedAt: 1 }, { where: { userId: glen.user.id } }),
  };
  for (const [what, end] of Object.entries(ENDS))
    it(`is bound as everybody is once ${what}`, async () => {
      await mark(true);
      const session = glen.browser;
      const half = await halfSignedIn(portal, glen.who);
      await setPolicy(portal, 'acme', { allowedIps: ELSEWHERE });
      assert.equal((await session.get('/security')).status, 200);
      await end();
      assert.equal((await session.get('/security')).status, 403);
      assert.equal((await half.get('/login/two-factor')).status, 403);
      for (const [way, signIn] of Object.entries(WAYS)) {
        const browser = portal.browser();
        const answer = await signIn(browser);
        assert.ok([403, 422].includes(answer.status), way);
        assert.equal(await isSignedIn(browser), false, way);
      }
      const program = await programOf(portal, 'acme/olivia');
      await setPolicy(portal, 'acme', { allowedIps: '' });
      if (what.includes('switched')) return;
      const { body } = await program.post('/security-policy/preview', { passwordSignIn: 'forbidden', allowedIps: [] });
      // Those in doubt are enough to do without a password.
      assert.equal(/glen/.test(JSON.stringify(body)), what.includes('gone'), 'nor does the preview leave it out');
      await forbidPasswords(portal, 0);
      assert.equal((await password(portal.browser())).status, 422);
    });
});

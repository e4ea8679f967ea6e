import assert from 'node:assert/strict';
import { MINUTE } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { makeToken, secretOn, TOKENS, verdictOn } from '../support/credentials.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { beginSetup, sendCode, STEP, toMidStep, validate } from '../support/second-factor.js';
import { describeUnless, missing, pathTo, run } from './programs.js';

describeUnless(missing('oathtool'))('Somebody whose phone is oathtool, before making an API token', () => {
  let portal: Portal;
  let uma: Browser;
  let secret: string;
  beforeEach(async () => {
    portal = await startPortal();
    toMidStep(portal);
    uma = await portal.signedIn('acme/uma');
    ({ secret } = await beginSetup(portal, uma));
    assert.equal((await validate(uma, code())).status, 200);
    portal.clock.move(STEP);
    uma = portal.browser();
    await uma.signIn('acme/uma', PASSWORD);
    assert.equal((await sendCode(uma, code())).status, 303);
  });
  afterEach(() => portal.close());

  /** What the phone shows now, or showed some steps ago. */
  function code(ago = 0): string {
    const at = `@${Math.floor(portal.clock.now() / 1000) - (ago * STEP) / 1000}`;
    const { status, stdout, stderr } = run(pathTo('oathtool') ?? '', ['--totp', '--base32', '--now', at, secret]);
    assert.equal(status, 0, stderr);
    return stdout.trim();
  }
  const confirm = (password: string, digits: string): Promise<Page> =>
    uma.submit(`/confirm?next=${TOKENS}/new`, '/confirm', { password, code: digits });

  it('is asked for nothing more within ten minutes of signing in with a code', async () => {
    portal.clock.move(9 * MINUTE);
    const made = await makeToken(uma);
    assert.equal(await verdictOn(portal, made.secret), '200');
  });

  it('gives the password and a fresh code after that, comes back to the form, and makes it', async () => {
    portal.clock.move(11 * MINUTE);
    const asked = await uma.get(`${TOKENS}/new`);
    assert.equal(asked.location, `/confirm?next=${encodeURIComponent(`${TOKENS}/new`)}`);
    const answer = await confirm(PASSWORD, code());
    assert.deepEqual([answer.status, answer.location], [303, `${TOKENS}/new`]);
    const made = await makeToken(uma);
    assert.equal(await verdictOn(portal, made.secret), '200');
  });

  it('finds the form as it was filled in, when the ten minutes end in between', async () => {
    const form = (await uma.open(`${TOKENS}/new`)).form(TOKENS);
    portal.clock.move(11 * MINUTE);
    const asked = await uma.post(TOKENS, { ...form, name: 'Typed before' });
    const page = await uma.open(asked.location);
    const offered = await uma.follow(
      await uma.post('/confirm', { ...page.form('/confirm'), password: PASSWORD, code: code() }),
    );
    assert.equal(offered.forms().includes(TOKENS), true);
    assert.equal(secretOn(await uma.post(TOKENS, offered.form(TOKENS))).startsWith('ght_'), true);
    assert.match((await uma.open(TOKENS)).text, /Typed before/);
  });

  it('gets no further with the password alone, a code alone, one of before, or one twice', async () => {
    portal.clock.move(11 * MINUTE);
    for (const [password, digits] of [
      [PASSWORD, ''],
      ['not the password', code()],
      [PASSWORD, code(2)],
      [PASSWORD, code() === '000000' ? '000001' : '000000'],
    ] as const)
      assert.equal((await confirm(password, digits)).status, 422, digits);
    const used = code();
    assert.equal((await confirm(PASSWORD, used)).status, 303);
    const late = portal.browser();
    await late.signIn('acme/uma', PASSWORD);
    assert.equal((await sendCode(late, used)).status, 422);
  });
});

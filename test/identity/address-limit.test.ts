import assert from 'node:assert/strict';
import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';
import { hashingPlaces } from '#server/lib/password-hash.js';
import type { Browser, Page } from '../support/browser.js';
import { clearCounters } from '../support/database.js';
import { watchHashing } from '../support/hashing.js';
import { enrol, sendCode } from '../support/second-factor.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

describe('An address that guesses', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal({ env: { TRUST_PROXY: '1' } });
  });
  beforeEach(() => clearCounters(portal.database));
  after(() => portal.close());

  function from(address: string): Browser {
    const browser = portal.browser();
    browser.headers['X-Forwarded-For'] = address;
    return browser;
  }

  const fill = (key: string, points: number, windowMs: number) =>
    portal.database.sequelize.query(
      'INSERT INTO throttles (key, points, window_ends_at, blocked_until, blocks) VALUES ($1, $2, $3, 0, 0) ON CONFLICT (key) DO UPDATE SET points = $2',
      { bind: [key, points, portal.clock.now() + windowMs] },
    );

  const guess = (browser: Browser, index: number): Promise<Page> =>
    browser.tryToSignIn(`acme/nobody-${index}`, 'wrong');

  it('is refused after ten failures in a minute, at whatever accounts, and may try again in the next', async () => {
    for (let index = 1; index <= 10; index += 1) assert.equal((await guess(from('198.51.100.7'), index)).status, 422);
    const answer = await from('198.51.100.7').tryToSignIn('acme/uma', PASSWORD);
    assert.equal(answer.status, 429);
    assert.match(answer.alert, /Too many tries from your address/);
    assert.ok(Number(answer.headers['retry-after']) <= 60);
    assert.equal((await from('198.51.100.8').tryToSignIn('acme/uma', PASSWORD)).status, 303, 'Another address is not.');
    portal.clock.move(MINUTE);
    assert.equal((await from('198.51.100.7').tryToSignIn('acme/uma', PASSWORD)).status, 303);
  });

  it('is let in at once where the clock was days ahead when it guessed, and has been put right', async () => {
    portal.clock.move(3 * DAY);
    for (let index = 1; index <= 10; index += 1) await guess(from('198.51.100.7'), index);
    assert.equal((await from('198.51.100.7').tryToSignIn('acme/uma', PASSWORD)).status, 429);
    portal.clock.move(-3 * DAY);
    assert.equal((await from('198.51.100.7').tryToSignIn('acme/uma', PASSWORD)).status, 303);
  });

  it('is not forgiven for signing in to an account of its own in between', async () => {
    for (let index = 1; index <= 9; index += 1) await guess(from('198.51.100.7'), index);
    assert.equal((await from('198.51.100.7').tryToSignIn('acme/uma', PASSWORD)).status, 303);
    await guess(from('198.51.100.7'), 10);
    assert.equal((await guess(from('198.51.100.7'), 11)).status, 429);
  });

  it('cannot run past it by guessing at forty accounts at once', async () => {
    const hashing = watchHashing(portal);
    const pages = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const browser = from('198.51.100.7');
        const fields = (await browser.get('/login')).form('/login');
        return () =>
          browser.post('/login', { ...fields, organization: 'acme', username: `nobody-${index}`, password: 'wrong' });
      }),
    );
    await Promise.all(pages.map((send) => send()));
    assert.ok(hashing.verified <= 10 + hashingPlaces() - 1, `${hashing.verified} passwords were looked at.`);
  });

  it('is one with its whole /64, and not with its neighbour', async () => {
    for (let index = 1; index <= 10; index += 1) await guess(from(`2001:db8:0:7::${index}`), index);
    assert.equal((await guess(from('2001:db8:0:7:ffff::1'), 11)).status, 429);
    assert.equal((await guess(from('2001:db8:0:8::1'), 12)).status, 422);
  });

  // What has been failed from a network, and who is then in it, and who is not.
  const NETWORKS: readonly [network: string, failures: number, inside: string, outside: string][] = [
    ['2001:db8:5:6600::/56', 40, '2001:db8:5:66ff::1', '2001:db8:5:6700::1'],
    ['2001:db8:5::/48', 100, '2001:db8:5:ffff::1', '2001:db8:6::1'],
    ['198.51.100.0/24', 40, '198.51.100.200', '198.51.101.200'],
  ];
  for (const [network, failures, inside, outside] of NETWORKS)
    it(`may not spread ${failures} failures a minute over ${network}, and whom the owner of a browser is known to goes on`, async () => {
      const home = from(inside);
      assert.equal((await home.tryToSignIn('acme/uma', PASSWORD)).status, 303);
      await home.submit('/security', '/logout');
      await fill(`failures/${network}`, failures - 1, MINUTE);
      assert.equal((await guess(from(inside), 1)).status, 422, 'the last that it may');
      const hashing = watchHashing(portal);
      assert.equal((await from(inside).tryToSignIn('acme/uma', PASSWORD)).status, 429);
      assert.equal(hashing.verified, 0, 'nothing was looked at');
      assert.equal((await from(outside).tryToSignIn('acme/uma', PASSWORD)).status, 303, 'the network beside it');
      assert.equal((await home.tryToSignIn('acme/uma', PASSWORD)).status, 303, 'a browser of hers');
      await home.submit('/security', '/logout');
      assert.equal((await home.tryToSignIn('acme/umar', PASSWORD)).status, 429, 'which is no browser of his');
    });

  it('does not shut out the browsers that its colleagues use: neither by failures nor by forms', async () => {
    const office = '198.51.100.7';
    const enrolled = await enrol(portal, 'acme/adam');
    const homes = { uma: from(office), adam: from(office) };
    assert.equal((await homes.uma.tryToSignIn('acme/uma', PASSWORD)).status, 303);
    await homes.uma.submit('/security', '/logout');
    await homes.adam.tryToSignIn('acme/adam', PASSWORD);
    assert.equal((await sendCode(homes.adam, enrolled.phone.nextCode())).status, 303);
    await homes.adam.submit('/security', '/logout');
    for (let index = 1; index <= 10; index += 1) await guess(from(office), index);
    await fill(`posts/${office}`, 300, HOUR);
    assert.equal((await from(office).tryToSignIn('acme/uma', PASSWORD)).status, 429);
    const wrong = await homes.uma.tryToSignIn('acme/uma', 'wrong');
    assert.equal(wrong.status, 422);
    assert.equal((await homes.uma.tryToSignIn('acme/uma', PASSWORD)).status, 303);
    portal.clock.move(30_000);
    await homes.adam.tryToSignIn('acme/adam', PASSWORD);
    assert.equal((await sendCode(homes.adam, enrolled.phone.nextCode())).status, 303, 'nor at the code');
  });

  it('does not become another by what it writes into X-Forwarded-For itself', async () => {
    for (let index = 1; index <= 10; index += 1) await guess(from(`203.0.113.${index}, 198.51.100.7`), index);
    assert.equal((await guess(from('203.0.113.99, 198.51.100.7'), 11)).status, 429);
  });

  it('may send 300 forms an hour before signing in, whether they are right or wrong, and be signed in or not', async () => {
    await fill('posts/198.51.100.7', 298, HOUR);
    const member = from('198.51.100.7');
    assert.equal((await member.tryToSignIn('acme/uma', PASSWORD)).status, 303);
    const send = async (): Promise<Page> =>
      member.post('/login', {
        _csrf: await member.csrf('/security'),
        organization: 'acme',
        username: 'umar',
        password: 'wrong',
      });
    assert.equal((await send()).status, 422, 'The three hundredth.');
    const answer = await send();
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.headers['retry-after']) > 3000);
    assert.equal(
      (
        await from('198.51.100.7').submit('/password/forgot', '/password/forgot', {
          organization: 'acme',
          username: 'uma',
        })
      ).status,
      429,
    );
    assert.equal((await member.submit('/security', '/logout')).status, 303, 'Who is signed in goes on as before.');
    portal.clock.move(HOUR);
    assert.equal((await from('198.51.100.7').tryToSignIn('acme/uma', PASSWORD)).status, 303);
  });
});

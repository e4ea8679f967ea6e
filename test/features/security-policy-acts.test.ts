import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

const POLICY = '/admin/security-policy';
const NEW = 'quiet-lantern-orchard-57';

describe('What the security policy says holds for everybody', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const set = async (fields: Record<string, string>): Promise<void> => {
    const adam = await portal.signedIn('acme/adam');
    assert.equal((await adam.submit(POLICY, POLICY, fields)).status, 303);
  };
  const change = async (browser: Browser, newPassword: string, currentPassword = PASSWORD) =>
    browser.submit('/security', '/security/password', { currentPassword, newPassword, confirmPassword: newPassword });
  const refuses = async (browser: Browser, newPassword: string, why: RegExp): Promise<void> => {
    const answer = await change(browser, newPassword);
    assert.equal(answer.status, 422, newPassword);
    assert.match(answer.errorOf('newPassword'), why);
  };

  for (const [fields, refused, why] of [
    [{ minLength: '30' }, 'quiet-lantern-orchard-57', /too short: use at least 30/],
    [{ requireUpper: 'on' }, 'quiet-lantern-orchard-57', /no capital letter/],
    [{ requireLower: 'on' }, 'QUIET-LANTERN-ORCHARD-57', /no small letter/],
    [{ requireDigit: 'on' }, 'quiet-lantern-orchard', /no digit/],
    [{ requireSymbol: 'on' }, 'quietlanternorchard57', /no symbol/],
    [{ minScore: '4' }, 'summer summer summer', /too easy to guess/],
  ] as const) {
    it(`${Object.keys(fields).join(' and ')}: a new password that does not keep to it is refused, and one that does is taken`, async () => {
      await set(fields);
      const uma = await portal.signedIn('acme/uma');
      await refuses(uma, refused, why);
      assert.equal((await change(uma, `Quiet-Lantern-Orchard-57-Zebra-Violin`)).status, 303);
    });
  }

  for (const [field, password, why] of [
    ['forbidNames', 'uma-ndiaye-uma-ndiaye', /name that is easy to guess/],
    ['forbidCommon', 'passwordpassword', /attackers try first/],
  ] as const) {
    it(`${field}: it is refused while the rule is on, and taken once it is off`, async () => {
      const uma = await portal.signedIn('acme/uma');
      await refuses(uma, password, why);
      await set({ [field]: '0' });
      assert.equal((await change(uma, password)).status, 303);
    });
  }

  it('history: none of the last passwords comes back, and one that is further back does', async () => {
    await set({ history: '3' });
    const uma = await portal.signedIn('acme/uma');
    assert.equal((await change(uma, `${NEW}-1`)).status, 303);
    assert.equal((await change(uma, `${NEW}-2`, `${NEW}-1`)).status, 303);
    for (const former of [PASSWORD, `${NEW}-1`, `${NEW}-2`]) {
      assert.match((await change(uma, former, `${NEW}-2`)).errorOf('newPassword'), /one of your last 3/, former);
    }
    assert.equal((await change(uma, `${NEW}-3`, `${NEW}-2`)).status, 303);
    assert.equal((await change(uma, PASSWORD, `${NEW}-3`)).status, 303);
  });

  it('minAgeHours: a password stays as long as is asked, and no longer', async () => {
    await set({ minAgeHours: '2', sessionIdleMinutes: '180' });
    const uma = await portal.signedIn('acme/uma');
    await refuses(uma, NEW, /changed a short while ago/);
    portal.clock.move(2 * HOUR);
    assert.equal((await change(uma, NEW)).status, 303);
    assert.equal((await change(uma, `${NEW}-2`, NEW)).status, 422);
  });

  it('maxAgeDays: at that age a new password comes before anything else', async () => {
    await set({ maxAgeDays: '30' });
    portal.clock.move(30 * DAY - MINUTE);
    const uma = await portal.signedIn('acme/uma');
    assert.equal((await uma.get('/security')).status, 200);
    portal.clock.move(2 * MINUTE);
    assert.equal((await uma.get('/security')).location, '/login/password');
    await uma.submit('/login/password', '/login/password', { newPassword: NEW, confirmPassword: NEW });
    assert.equal((await uma.get('/security')).status, 200);
  });

  it('changeAtFirstSignIn: who is given a first password chooses another', async () => {
    await set({ changeAtFirstSignIn: 'on' });
    const adam = await portal.signedIn('acme/adam');
    const page = await adam.open('/admin/users/new');
    const first = 'violin-harvest-mosaic-31';
    const given = {
      username: 'nina',
      name: 'Nina Nowak',
      email: 'nina@acme.example',
      onboarding: 'password',
      password: first,
    };
    assert.equal((await adam.post('/admin/users', { ...page.form('/admin/users'), ...given })).status, 303);
    assert.equal((await User.findOne({ where: { username: 'nina' }, rejectOnEmpty: true })).mustChangePassword, true);
    const nina = await portal.signedIn('acme/nina', first);
    assert.equal((await nina.get('/security')).location, '/login/password');
  });

  it('lockoutThreshold: so many wrong passwords lock the account, and not one fewer', async () => {
    await set({ lockoutThreshold: '3' });
    const stranger = portal.browser();
    for (let wrong = 0; wrong < 2; wrong += 1)
      assert.equal((await stranger.tryToSignIn('acme/uma', 'wrong')).status, 422);
    assert.equal((await stranger.tryToSignIn('acme/umar', PASSWORD)).status, 303);
    assert.equal((await portal.browser().tryToSignIn('acme/uma', 'wrong')).status, 422);
    assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).status, 422);
    assert.equal((await portal.browser().tryToSignIn('globex/gina', PASSWORD)).status, 303);
  });

  it('sessionIdleMinutes and sessionMaxHours: a session ends after either', async () => {
    await set({ sessionIdleMinutes: '5', sessionMaxHours: '1' });
    const [idle, busy] = [await portal.signedIn('acme/uma'), await portal.signedIn('acme/umar')];
    const gina = await portal.signedIn('globex/gina');
    for (let minutes = 0; minutes < 60; minutes += 4) {
      assert.equal((await busy.get('/security')).status, 200, `after ${minutes} minutes`);
      portal.clock.move(4 * MINUTE);
      if (minutes === 4) assert.match((await idle.get('/security')).location, /^\/login/);
      if (minutes === 20) assert.equal((await gina.get('/security')).status, 200);
    }
    assert.match((await busy.get('/security')).location, /^\/login/);
  });

  it('maxSessions: one more sign-in ends the oldest session', async () => {
    await set({ maxSessions: '2' });
    const [first, second, third] = [
      await portal.signedIn('acme/uma'),
      await portal.signedIn('acme/uma'),
      await portal.signedIn('acme/uma'),
    ];
    assert.match((await first.get('/security')).location, /^\/login/);
    for (const browser of [second, third]) assert.equal((await browser.get('/security')).status, 200);
  });

  it('stepUpMinutes: a sensitive step asks again once they have passed', async () => {
    await set({ stepUpMinutes: '2' });
    const adam = await portal.signedIn('acme/adam');
    assert.equal((await adam.submit(POLICY, POLICY)).location, POLICY);
    portal.clock.move(2 * MINUTE);
    assert.match((await adam.submit(POLICY, POLICY)).location, /^\/confirm/);
  });
});

import assert from 'node:assert/strict';
import { routes } from '#server/features/index.js';
import { Session } from '#models/session.js';
import type { Browser } from '../support/browser.js';
import { basic, call } from '../support/credentials.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { tokenFor } from '../support/programs.js';
import { enrol, halfSignedIn, sendCode, setPolicy } from '../support/second-factor.js';

const INSIDE = '127.0.0.1/32\n::1/128\n::ffff:127.0.0.1/128';
const ELSEWHERE = '10.0.0.0/8';

describe('An organisation that lets nobody in from elsewhere', () => {
  let portal: Portal;
  let uma: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  const outside = (): Promise<void> => setPolicy(portal, 'acme', { allowedIps: ELSEWHERE });

  it('refuses every page to a browser that is signed in, but for signing out', async () => {
    await setPolicy(portal, 'acme', { allowedIps: INSIDE });
    assert.equal((await uma.get('/security')).status, 200);
    await outside();
    const open: string[] = [];
    for (const { method, path, access } of routes) {
      if (method !== 'get' || ['anyone', 'halfSignedIn', 'halfOrVisitor'].includes(access.who)) continue;
      const { status } = await uma.get(path.replace(/:\w+/g, '00000000-0000-7000-8000-000000000000'));
      if (status !== 403) open.push(`${path}: ${status}`);
    }
    assert.deepEqual(open, []);
    assert.equal((await uma.submit('/login', '/logout')).status, 303);
  });

  it('refuses an application behind forward-auth, with a cookie as with a token', async () => {
    const { secret } = await tokenFor(portal, 'acme/uma');
    const cookie = { Cookie: [...uma.cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    assert.equal((await call(portal, '/forward-auth', cookie)).status, 200);
    await outside();
    assert.equal((await call(portal, '/forward-auth', cookie)).code, 'ip_not_allowed');
    assert.equal((await call(portal, '/forward-auth', { Authorization: `Bearer ${secret}` })).code, 'ip_not_allowed');
  });

  it('issues nothing to who knows the password, writes it down, and mails its owner once an hour', async () => {
    await outside();
    const before = await Session.count();
    for (let tries = 0; tries < 2; tries += 1) {
      const answer = await portal.browser().tryToSignIn('acme/umar', PASSWORD);
      assert.equal(answer.status, 403);
      assert.match(answer.text, /lets nobody in from the address you are at/);
    }
    assert.equal(await Session.count(), before);
    assert.equal((await logged(portal, 'acme', 'sign-in.outside')).length, 2);
    assert.equal((await portal.inbox.mailsTo('umar@acme.example')).length, 1);
    assert.equal((await portal.browser().tryToSignIn('acme/umar', 'not-the-password-0')).status, 422);
    assert.equal((await call(portal, '/me', basic('acme/umar', PASSWORD))).status, 401);
    await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
    assert.equal((await call(portal, '/me', basic('acme/umar', PASSWORD))).status, 403);
  });

  it('neither takes a code nor shows a set-up half-way through a sign-in', async () => {
    const { phone } = await enrol(portal, 'acme/umar');
    portal.clock.move(60_000);
    const half = await halfSignedIn(portal, 'acme/umar');
    const form = (await half.get('/login/two-factor')).form('/login/two-factor');
    await outside();
    assert.equal((await half.get('/login/two-factor')).status, 403);
    assert.equal((await half.get('/login/two-factor/setup')).status, 403);
    assert.equal((await half.post('/login/two-factor', { ...form, code: phone.nextCode() })).status, 403);
    await setPolicy(portal, 'acme', { allowedIps: '' });
    assert.equal((await sendCode(half, phone.nextCode())).status, 303);
  });
});

import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { Browser } from '../support/browser.js';
import { isGuarded, tellsNothing } from '../support/headers.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

const FORM = 'application/x-www-form-urlencoded';

describe('What is no form of ours is refused before anybody reads it', () => {
  let portal: Portal;
  let browser: Browser;
  let csrf: string;
  before(async () => {
    portal = await startPortal();
    browser = portal.browser();
    csrf = await browser.csrf();
  });
  after(() => portal.close());

  async function refuses(status: number, body: string | Buffer, headers: Record<string, string> = {}): Promise<void> {
    const answer = await browser.postRaw('/login', body, headers);
    assert.equal(answer.status, status, `${answer.status}: ${answer.text}`);
    isGuarded(answer);
    tellsNothing(answer);
  }

  it('Ten megabytes', () => refuses(413, `_csrf=${csrf}&username=${'x'.repeat(10_000_000)}`));
  it('A byte over 32 kB', () => refuses(413, `_csrf=${csrf}&username=${'x'.repeat(32 * 1024)}`));
  it('More than a hundred fields', () => refuses(413, `_csrf=${csrf}${'&a=1'.repeat(100)}`));
  it('JSON', () =>
    refuses(415, JSON.stringify({ _csrf: csrf, username: { $ne: null } }), { 'Content-Type': 'application/json' }));
  it('A form with parts', () =>
    refuses(415, '--x\r\n\r\n--x--', { 'Content-Type': 'multipart/form-data; boundary=x' }));
  it('A body of no kind', () => refuses(415, 'username=uma', { 'Content-Type': '' }));
  it('A compressed body', () => refuses(415, gzipSync(`_csrf=${csrf}`), { 'Content-Encoding': 'gzip' }));
  it('Another character set', () => refuses(415, `_csrf=${csrf}`, { 'Content-Type': `${FORM}; charset=utf-7` }));
  it('Broken %-signs', async () => {
    for (const bad of ['%', '%z', '%zz', '%4', 'a%2', '%E0%A4%A', '%C0%AF', '%ff'])
      await refuses(400, `_csrf=${csrf}&username=${bad}`);
  });
  it('Half a character', () => refuses(400, `_csrf=${csrf}&username=%ED%A0%80`));
  it('Bytes that are no text', () => refuses(400, Buffer.from([0x61, 0x3d, 0xff, 0xfe])));
  it('Nested fields', async () => {
    for (const name of [
      'username[$ne]',
      'username[]',
      'a[__proto__][admin]',
      'constructor[prototype]',
      'constructor',
    ]) {
      await refuses(422, `_csrf=${csrf}&organization=acme&username=uma&password=${PASSWORD}&${name}=x`);
    }
  });
  it('A list in the place of a text', async () => {
    const answer = await browser.post('/login', {
      _csrf: csrf,
      organization: ['acme', 'acme'],
      username: ['uma', 'adam'],
      password: [PASSWORD, 'x'],
    });
    assert.equal(answer.status, 422);
    assert.match(answer.alert, /Enter one value/);
  });
  it('A field that the form does not have', async () => {
    const answer = await browser.post('/login', {
      _csrf: csrf,
      organization: 'acme',
      username: 'uma',
      password: PASSWORD,
      admin: 'true',
    });
    assert.equal(answer.status, 422);
    assert.match(answer.alert, /a field that it does not have/);
    assert.equal(browser.cookies.has('gatehouse'), false);
  });
  it('Exactly a hundred fields, and no body at all, are read like any form', async () => {
    await refuses(422, `_csrf=${csrf}${'&a=1'.repeat(99)}`);
    await refuses(403, '');
  });
});

describe('What is no address of ours is refused before anybody looks it up', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('An address over 2 kB', async () => {
    const answer = await portal.browser().get(`/login?next=${'x'.repeat(2048)}`);
    assert.equal(answer.status, 414);
    isGuarded(answer);
  });

  it('Broken %-signs, in the path and in the query', async () => {
    const browser = await portal.signedIn('acme/uma');
    for (const path of [
      '/%',
      '/%zz',
      '/%E0%A4%A',
      '/security/sessions/%ff/removal',
      '/login?next=%',
      '/security?x=%C0%AF',
      '/assets/%',
    ]) {
      const answer = await browser.get(path);
      assert.equal(answer.status, 400, path);
      isGuarded(answer);
      tellsNothing(answer);
    }
  });

  it('Credentials in the address: neither taken, nor logged, on GET and on POST', async () => {
    const secret = 'in-the-address-4711';
    const browser = portal.browser();
    const _csrf = await browser.csrf();
    for (const query of [
      `?organization=acme&username=uma&password=${PASSWORD}`,
      `?password=${secret}`,
      `?username=uma`,
      `?code=123456`,
    ]) {
      assert.equal((await browser.get(`/login${query}`)).status, 400, query);
      assert.equal((await browser.post(`/login${query}`, { _csrf })).status, 400, query);
    }
    assert.equal(
      (
        await browser.post(`/login?password=${secret}`, {
          _csrf,
          organization: 'acme',
          username: 'uma',
          password: PASSWORD,
        })
      ).status,
      400,
    );
    assert.equal(browser.cookies.has('gatehouse'), false);
    assert.ok(!portal.logLines.join().includes(secret) && !portal.logLines.join().includes(PASSWORD));
  });

  it('An address too long to come back to is forgotten at the sign-in page, which still opens', async () => {
    const answer = await portal.browser().get(`/security?q=${'%C3%A9'.repeat(250)}`);
    assert.equal(answer.location, '/login');
    assert.equal((await portal.browser().get(answer.location)).status, 200);
  });
});

import assert from 'node:assert/strict';
import express from 'express';
import { cookieOptions, readCookie, setCookie } from '#server/http/cookies.js';
import { Session } from '#models/session.js';
import type { Page } from '../support/browser.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { overTheWire } from '../support/wire.js';

/** The lines with which an answer sets cookies, by the name of the cookie. */
function cookiesOf({ headers }: Page): Map<string, string> {
  const lines = (headers['set-cookie'] ?? []) as unknown as string[];
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line]));
}

describe('Cookies on this machine', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('A visitor gets no session, neither a cookie nor a row', async () => {
    const visitor = portal.browser();
    for (const path of ['/', '/login', '/security', '/no/such/page', '/password/forgot']) {
      assert.equal(cookiesOf(await visitor.get(path)).has('gatehouse'), false, path);
    }
    await visitor.tryToSignIn('acme/uma', 'wrong');
    assert.deepEqual([...visitor.cookies.keys()], ['gatehouse-visitor']);
    assert.equal(await Session.count(), 0);
  });

  it('A page without a form sets no cookie at all', async () => {
    for (const path of ['/no/such/page', '/healthz', '/assets/css/gatehouse.css', '/security']) {
      assert.deepEqual([...cookiesOf(await portal.browser().get(path)).keys()], [], path);
    }
  });

  it('Every cookie is out of reach for scripts and other sites', async () => {
    const browser = portal.browser();
    const pages = [
      await browser.get('/login'),
      await browser.signIn('acme/uma', PASSWORD),
      await browser.submit('/security', '/logout'),
    ];
    const lines = pages.flatMap((page) => [...cookiesOf(page).values()]);
    assert.ok(lines.length >= 5);
    for (const line of lines) {
      assert.match(line, /; Path=\/(;|$)/);
      assert.match(line, /; HttpOnly(;|$)/);
      assert.match(line, /; SameSite=Lax(;|$)/);
      assert.doesNotMatch(line, /; Domain=|; Secure/);
    }
  });

  it('The session cookie holds 256 random bits, is gone with the browser, and only its hash is kept', async () => {
    const answer = await portal.browser().signIn('acme/uma', PASSWORD);
    const line = cookiesOf(answer).get('gatehouse') ?? '';
    assert.doesNotMatch(line, /Expires|Max-Age/);
    const [, sid = ''] = /^gatehouse=s%3A([\w-]{43})\./.exec(line) ?? [];
    assert.equal(Buffer.from(sid, 'base64url').length, 32);
    const rows = JSON.stringify(await portal.database.read('SELECT * FROM sessions', []));
    assert.ok(!rows.includes(sid));
  });

  it('A cookie that we did not sign is nobody’s', async () => {
    const browser = await portal.signedIn('acme/uma');
    const good = browser.cookies.get('gatehouse') ?? '';
    const [sid = '', signature = ''] = decodeURIComponent(good).slice(2).split('.');
    for (const bad of [
      sid,
      `s:${sid}`,
      `s:${sid}.`,
      `s:${sid}.${'A'.repeat(43)}`,
      `s:${'A'.repeat(43)}.${signature}`,
      'j:{"started":true}',
      '%',
      'x'.repeat(5000),
    ]) {
      browser.cookies.set('gatehouse', encodeURIComponent(bad));
      assert.equal((await browser.get('/security')).location, '/login?next=%2Fsecurity', bad.slice(0, 60));
    }
    browser.cookies.set('gatehouse', good);
    assert.equal((await browser.get('/security')).status, 200);
  });

  it('is written as Express writes one, whatever is in it', async () => {
    const app = express();
    const VALUES = ['', 'a.b-c_d~', 'a b;c,d="e"', 'é 日本 🙂', '%41', 'x'.repeat(90)];
    app.get('/', (_req, res) => {
      for (const https of [false, true])
        for (const value of VALUES)
          for (const maxAge of [undefined, 0, 1500, 400 * 86_400_000]) {
            const config = { ...portal.config, https };
            setCookie(res, config, 'one', value, maxAge);
            const name = https ? '__Host-one' : 'one';
            res.cookie(name, value, { ...cookieOptions(config), ...(maxAge === undefined ? {} : { maxAge }) });
          }
      res.end();
    });
    const { headers } = await overTheWire(app, '/', { Host: 'localhost' });
    const lines = (headers['set-cookie'] ?? []).map((line) => line.replace(/(Expires=.*:)\d\d GMT/, '$1'));
    assert.equal(lines.length, 2 * 2 * VALUES.length * 4);
    for (let at = 0; at < lines.length; at += 2) assert.equal(lines[at], lines[at + 1]);
  });

  it('is found by its name, the first of two, wherever it stands and whatever stands beside it', () => {
    for (const [cookie, value] of [
      ['one=1', '1'],
      ['two=2; one=1', '1'],
      ['one=1;one=2', '1'],
      ['two; one=1; ', '1'],
      ['=one; one = a=b ;', 'a=b'],
      ['none=0; two=one=3; one=', ''],
      ['two=2;;one=1', '1'],
      ['on=1; ones=2; two=3; one', null],
      ['', null],
    ] as const)
      assert.equal(readCookie({ headers: { cookie } } as never, 'one'), value, cookie);
  });

  it('What a person reads in a flash cannot be put there by somebody else', async () => {
    const browser = portal.browser();
    const forged = Buffer.from(JSON.stringify(['danger', 'Call this number'])).toString('base64url');
    for (const value of [forged, `${forged}.`, `${forged}.${'A'.repeat(43)}`]) {
      browser.cookies.set('gatehouse-flash', value);
      assert.equal((await browser.get('/login')).flash, '');
    }
  });
});

describe('Cookies over https', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal({ env: { BASE_URL: 'https://portal.example', TRUST_PROXY: '1' } });
  });
  after(() => portal.close());

  it('are bound to this host, the whole path and encryption, every one', async () => {
    const browser = portal.browser();
    const pages = [
      await browser.get('/login'),
      await browser.signIn('acme/uma', PASSWORD),
      await browser.submit('/security', '/logout'),
    ];
    const cookies = pages.flatMap((page) => [...cookiesOf(page)]);
    assert.ok(cookies.some(([name]) => name === '__Host-gatehouse'));
    for (const [name, line] of cookies) {
      assert.match(name, /^__Host-gatehouse/);
      assert.match(line, /; Secure(;|$)/);
      assert.match(line, /; Path=\/(;|$)/);
      assert.doesNotMatch(line, /; Domain=/);
    }
  });

  it('A cookie without the prefix, which another host could have planted, is not looked at', async () => {
    const browser = await portal.signedIn('acme/uma');
    const value = browser.cookies.get('__Host-gatehouse') ?? '';
    browser.cookies.clear();
    browser.cookies.set('gatehouse', value);
    assert.equal((await browser.get('/security')).location, '/login?next=%2Fsecurity');
  });

  it('Browsers are told to come back encrypted for a year, on every answer', async () => {
    const browser = portal.browser();
    for (const path of ['/login', '/', '/no/such/page', '/healthz', '/assets/css/gatehouse.css']) {
      assert.equal((await browser.get(path)).headers['strict-transport-security'], 'max-age=31536000', path);
    }
  });
});

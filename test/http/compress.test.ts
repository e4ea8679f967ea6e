import assert from 'node:assert/strict';
import express from 'express';
import { sendText } from '#server/http/compress.js';
import type { Page } from '../support/browser.js';
import { sendToken } from '../support/credentials.js';
import { startPortal, type Portal } from '../support/portal.js';
import { beginSetup, validate } from '../support/second-factor.js';
import { overTheWire, type Answer } from '../support/wire.js';

const HOST = 'localhost:3000';

describe('An answer that is compressed', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  const ask = (path: string, encoding: string, headers = {}, method = 'GET'): Promise<Answer> =>
    overTheWire(portal.app, path, { Host: HOST, 'Accept-Encoding': encoding, ...headers }, method);
  const withoutToken = ({ text }: Answer): string =>
    text.replace(/name="(_csrf|_form)" value="[^"]*"|(?<=&#34;challenge&#34;:&#34;)[\w-]+/g, '');

  for (const path of ['/login', '/password/forgot', '/api/openapi.json']) {
    it(`reads the same in each spelling, and says how long it is: ${path}`, async () => {
      const plain = await ask(path, '');
      assert.equal(plain.headers['content-encoding'], undefined);
      for (const [taken, spelling] of [
        ['gzip, deflate, br, zstd', 'br'],
        ['gzip, deflate', 'gzip'],
        ['br;q=0, gzip', 'gzip'],
      ] as const) {
        const answer = await ask(path, taken);
        assert.equal(answer.headers['content-encoding'], spelling);
        assert.equal(withoutToken(answer), withoutToken(plain));
        assert.ok(answer.body.length < plain.body.length / 2);
        const head = await ask(path, taken, {}, 'HEAD');
        assert.equal(head.body.length, 0);
        for (const { headers, body } of [answer, plain]) {
          assert.equal(headers.vary, 'Accept-Encoding');
          assert.equal(Number(headers['content-length']), body.length);
          assert.equal(headers['content-type'], head.headers['content-type']);
        }
        assert.equal(head.headers['content-encoding'], spelling);
      }
    });
  }

  it('is a long one: a short one goes as it is', async () => {
    for (const path of ['/healthz', '/api/v1/me'])
      assert.equal((await ask(path, 'br')).headers['content-encoding'], undefined, path);
  });

  it('is one that our own pages or a person asked for: another site could read words out of its length', async () => {
    for (const site of ['same-origin', 'none'])
      assert.equal((await ask('/login', 'br', { 'Sec-Fetch-Site': site })).headers['content-encoding'], 'br', site);
    for (const site of ['cross-site', 'same-site'])
      assert.equal(
        (await ask('/login', 'br', { 'Sec-Fetch-Site': site })).headers['content-encoding'],
        undefined,
        site,
      );
  });

  it('never shows a secret', async () => {
    const browser = await portal.signedIn('acme/uma');
    const spelling = ({ headers }: Page): string | undefined => headers['content-encoding'];
    assert.equal(spelling(await browser.get('/security')), 'gzip', 'Other pages of hers are compressed.');
    const made = await sendToken(browser);
    const phone = await beginSetup(portal, browser);
    const shown = await browser.get('/security/two-factor');
    for (const page of [made, shown, await validate(browser, phone.code())]) {
      assert.match(page.html, /data-secret=/);
      assert.equal(spelling(page), undefined, page.path);
    }
  });
});

describe('A text that is sent as it is', () => {
  const LETTERS = ['a', 'é', '’', '日', '🙂', '\ud800', 'a’🙂é'];

  it('arrives as it was, and as long as it is said to be, whatever its letters and however long', async () => {
    const app = express();
    let text = '';
    app.get('/', (_req, res) => sendText(res, 'text/plain; charset=utf-8', text));
    for (const letters of LETTERS)
      for (const times of [1, 1100, 30_000, 70_000]) {
        text = letters.repeat(times);
        const { body, headers } = await overTheWire(app, '/', { Host: HOST });
        assert.ok(body.equals(Buffer.from(text)), `${times} times ${letters}`);
        assert.equal(Number(headers['content-length']), body.length);
      }
  });
});

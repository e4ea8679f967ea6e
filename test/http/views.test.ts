import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createViews } from '#server/http/views.js';
import { startPortal } from '../support/portal.js';

/** What the engine takes for options, when it is given them among the data of a page. */
const INJECTED = {
  settings: {
    'view options': { client: true, escapeFunction: '1; return process.mainModule', outputFunctionName: 'x;throw 1;s' },
  },
  client: true,
  escape: (text: string) => text,
  escapeFunction: 'return process.exit()',
  outputFunctionName: 'x;throw new Error("ran");s',
  localsName: 'x',
  delimiter: '?',
  openDelimiter: '{',
  cache: false,
  _with: true,
};

describe('A template', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-views-'));
    writeFileSync(
      join(folder, 'page.ejs'),
      `<p title="<%= page.text %>"><%= page.text %></p><%- include('/part', { more: page.text }) %>`,
    );
    writeFileSync(join(folder, 'part.ejs'), '<i><%= page.more %></i>');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('escapes what it is given, in itself and in what it includes', () => {
    const render = createViews(folder, { keep: false, strict: true });
    const escaped = '&lt;script&gt;&#34;&#39;&amp;';
    assert.equal(render('page', { text: `<script>"'&` }), `<p title="${escaped}">${escaped}</p><i>${escaped}</i>`);
  });

  it('takes no options from the data of a page, however these are called', () => {
    for (const keep of [true, false]) {
      const render = createViews(folder, { keep, strict: true });
      for (let round = 0; round < 2; round += 1) {
        assert.equal(render('page', { ...INJECTED, text: '<' }), '<p title="&lt;">&lt;</p><i>&lt;</i>');
      }
    }
  });

  it('sees nothing but its page: no process, no require, no request', () => {
    writeFileSync(join(folder, 'curious.ejs'), '<%= typeof require %> <%= typeof req %> <%= typeof module %>');
    assert.equal(createViews(folder, { keep: false, strict: true })('curious', {}), 'undefined undefined undefined');
  });

  it('is reached by no field of a form and no part of an address', async () => {
    const portal = await startPortal();
    const browser = portal.browser();
    const plain = await browser.get('/login');
    const query = new URLSearchParams(
      Object.keys(INJECTED).flatMap((name): [string, string][] => [
        [name, 'x;throw 1'],
        [`${name}[view options][client]`, '1'],
        [`settings[${name}]`, 'x'],
      ]),
    );
    const page = await browser.get(`/login?${query.toString()}`);
    assert.equal(page.status, 200);
    const withoutToken = ({ html }: { html: string }): string =>
      html.replace(/name="(_csrf|_form)" value="[^"]*"|(?<=&#34;challenge&#34;:&#34;)[\w-]+/g, '');
    assert.equal(withoutToken(page), withoutToken(plain));
    const fields = Object.fromEntries(Object.keys(INJECTED).map((name) => [name, 'x;throw 1']));
    const answer = await browser.post('/login', { ...plain.form('/login'), ...fields });
    assert.equal(answer.status, 422);
    assert.match(answer.alert, /a field that it does not have/);
    await portal.close();
  });
});

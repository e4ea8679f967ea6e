import assert from 'node:assert/strict';
import { routes } from '#server/features/index.js';
import type { Browser } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';

/** Pages with a table that is no list to look through, and why. */
const NO_LISTS: Readonly<Record<string, string>> = {
  '/admin': 'the numbers behind a drawing',
  '/admin/users/import': 'the columns that a file may have',
  '/platform/health': 'the parts of one installation',
};

const pages = routes.filter(
  ({ method, path, access }) =>
    method === 'get' &&
    /^\/(admin|platform)(\/|$)/.test(path) &&
    !/:|\.(csv|jsonl)$/.test(path) &&
    access.who === 'permitted',
);

describe('Every list has one search, a count, and words for what it does not know', () => {
  let portal: Portal;
  let admin: Browser;
  let operator: Browser;
  const tables = new Set<string>();
  const goingOn: string[] = [];
  before(async () => {
    portal = await startPortal();
    admin = await portal.signedIn('acme/olivia');
    operator = await portal.signedIn('platform/opal');
    // A change of many, so that this list has a row, too.
    const asked = await admin.post('/admin/users/bulk', {
      _csrf: await admin.csrf('/admin/users'),
      action: 'end-sessions',
      ids: portal.idOf('acme/uma'),
    });
    await admin.post('/admin/users/bulk', asked.form('/admin/users/bulk'));
  });
  after(() => portal.close());

  for (const { path } of pages)
    it(path, async () => {
      const browser = path.startsWith('/platform') ? operator : admin;
      const page = await browser.get(path);
      if (page.status !== 200) return;
      const search = page.document.querySelectorAll('form.filters');
      if (page.document.querySelector('main table')) tables.add(path);
      if (search.length === 0) {
        assert.ok(!tables.has(path) || path in NO_LISTS, 'a table, and no search over it');
        return;
      }
      assert.ok(!(path in NO_LISTS), 'a list among those that are none');
      const all = await browser.get(`${path}?q=`);
      assert.equal(
        all.document.querySelectorAll(`form.filters[role=search][action="${path}"] input[type=search][name=q]`).length,
        1,
        'one search',
      );
      assert.match(all.document.querySelector('.list-count')?.text ?? '', /(\d|One|Rows so far)/, 'a count');
      const nothing = await browser.get(`${path}?q=there-is-nothing-called-so`);
      assert.equal(nothing.status, 200);
      assert.equal(
        nothing.document.querySelector('input[name=q]')?.getAttribute('value'),
        'there-is-nothing-called-so',
      );
      assert.equal(nothing.document.querySelectorAll('main table tbody tr').length, 0, 'nothing is found');
      const long = await browser.get(`${path}?q=${'x'.repeat(101)}`);
      assert.match(long.text, /left out/, 'what was not understood is said');
      // A link to go on may be older than the secret key: the list begins anew, and says so.
      const goesOn = /begins anew/.test((await browser.get(`${path}?cursor=one&cursor=two`)).text);
      const lost = await browser.get(`${path}?cursor=bm8gcGxhY2U`);
      assert.deepEqual([lost.status, /begins anew/.test(lost.text)], [200, goesOn], 'no place of this list');
      if (goesOn) goingOn.push(path);
    });

  it('and what is read a page at a time begins anew where its address names no place of it', () => {
    assert.deepEqual(goingOn.sort(), ['/admin/credentials', '/admin/mail', '/admin/security-log']);
  });

  it('and what is no list has a table', () => {
    for (const path of Object.keys(NO_LISTS)) assert.ok(tables.has(path), path);
    for (const path of ['/admin/users/bulk', '/admin/notifications', '/admin/security-policy/history'])
      assert.ok(tables.has(path), path);
  });
});

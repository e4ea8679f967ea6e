import assert from 'node:assert/strict';
import { startPortal, type Portal } from '../support/portal.js';

/** Each list that an admin or an operator looks through, with who does. */
const LISTS: [path: string, who: string][] = [
  ['/admin/users', 'acme/olivia'],
  ['/admin/roles', 'acme/olivia'],
  ['/admin/credentials', 'acme/olivia'],
  ['/admin/mail', 'acme/olivia'],
  ['/admin/security-log', 'acme/olivia'],
  ['/platform/tenants', 'platform/opal'],
];

describe('Every list has one search, a count, and words for what it does not know', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  for (const [path, who] of LISTS)
    it(path, async () => {
      const browser = await portal.signedIn(who);
      const page = await browser.open(path);
      const search = page.document.querySelectorAll(
        `form.filters[role=search][action="${path}"] input[type=search][name=q]`,
      );
      assert.equal(search.length, 1, 'one search');
      assert.match(page.document.querySelector('.list-count')?.text ?? '', /(\d|One|No)/, 'a count');
      const nothing = await browser.open(`${path}?q=there-is-nothing-called-so`);
      assert.equal(nothing.status, 200);
      assert.equal(
        nothing.document.querySelector('input[name=q]')?.getAttribute('value'),
        'there-is-nothing-called-so',
      );
      const long = await browser.open(`${path}?q=${'x'.repeat(101)}`);
      assert.match(long.text, /left out/, 'what was not understood is said');
    });
});

import assert from 'node:assert/strict';
import { workOnPeople } from '#server/jobs/people.js';
import type { Browser, Page } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';

const IMPORT = '/admin/users/import';
const PREVIEW = '/admin/users/import/preview';

describe('A long file of users', () => {
  let portal: Portal;
  let adam: Browser;
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  after(() => portal.close());

  const preview = async (rows: number, from: number): Promise<Page> => {
    const lines = Array.from(
      { length: rows },
      (_, at) => `long${from + at},Long ${from + at},long${from + at}@acme.example`,
    );
    const csv = ['username,name,email', ...lines].join('\n');
    return adam.post(PREVIEW, { ...(await adam.open(IMPORT)).form(PREVIEW), csv });
  };
  /** What begins it, in the order of the page, and whether a list of rows is still to come. */
  const buttons = ({ document }: Page): string[] =>
    document
      .querySelectorAll('tbody, button')
      .filter((one) => one.tagName === 'TBODY' || /^Import: /.test(one.text.trim()))
      .map((one) => (one.tagName === 'TBODY' ? 'rows' : one.text.trim()));

  it('can be begun above its rows, too, with the reason that is typed below them; a short one below', async () => {
    assert.deepEqual(buttons(await preview(3, 0)), ['rows', 'Import: 3 people']);
    const page = await preview(30, 10);
    assert.deepEqual(buttons(page), ['Import: 30 people', 'rows', 'Import: 30 people']);
    const [above] = page.document.querySelectorAll('button[form]');
    const form = page.document.querySelector(`form#${above?.getAttribute('form') ?? ''}`);
    assert.equal(form?.getAttribute('action'), IMPORT);
    assert.ok(form?.querySelector('[name=reason]'));
    assert.doesNotMatch((await preview(0, 0)).html, /button[^>]* form=/);
  });

  it('leads from its report back to the people', async () => {
    const page = await preview(12, 50);
    const { location } = await adam.post(IMPORT, page.form(IMPORT));
    await workOnPeople(portal.services);
    const report = await adam.open(location);
    assert.match(report.heading, /Import: done/);
    assert.ok(report.document.querySelector('main a[href="/admin/users"]'));
  });
});

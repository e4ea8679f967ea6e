import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { MINUTE } from '#server/lib/clock.js';
import { PASSWORD } from '../support/portal.js';
import { servePortal, signIn, type ServedPortal } from './support.js';

describe('A first day with the portal, in a real browser', () => {
  let portal: ServedPortal;
  beforeEach(async () => {
    portal = await servePortal();
  });
  afterEach(() => portal.close());

  const signOut = async (page: Page): Promise<void> => {
    await page.goto('/security');
    await page.locator('summary', { hasText: 'Your account' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/login');
  };

  for (const javaScriptEnabled of [true, false])
    it(`sends a form of a page that is out of date with one press, ${javaScriptEnabled ? 'with' : 'without'} script`, async () => {
      const { page } = await portal.tabOf('acme/uma', { javaScriptEnabled });
      await page.goto('/profile');
      await page.getByLabel('Full name').fill('Uma the Second');
      const other = await page.context().newPage();
      await signOut(other);
      await signIn(other, 'acme/uma');
      await page.getByRole('button', { name: 'Save' }).first().click();
      await page.getByRole('heading', { name: 'This page is out of date' }).waitFor();
      await page.getByRole('button', { name: 'Send it now' }).click();
      await page.getByText('Your profile is saved').waitFor();
      assert.equal(await page.getByLabel('Full name').inputValue(), 'Uma the Second');
    });

  it('remembers the organisation, begins at the name, and says until when a lock lasts', async () => {
    const { page } = await portal.tabOf('acme/uma');
    await signOut(page);
    await page.getByText('You are signed out.').waitFor();
    assert.equal(await page.getByLabel('Organisation').inputValue(), 'acme');
    assert.equal(await page.evaluate('document.activeElement.name'), 'username');
    for (let tries = 0; tries < 6; tries += 1) {
      await page.getByLabel('Username or e-mail').fill('uma');
      await page.getByLabel('Password', { exact: true }).fill('wrong');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('heading', { name: 'There is a problem' }).waitFor();
    }
    assert.match(await page.locator('main').innerText(), /Wait 5 minutes, until \d\d:\d\d UTC/);
  });

  it('asks who is there for what is about to be done, and goes on to it', async () => {
    const { page } = await portal.tabOf('acme/uma');
    portal.clock.move(11 * MINUTE);
    await page.goto('/security/tokens/new');
    await page.getByText('who wants to make or change an API token').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.waitForURL('**/security/tokens/new');
  });

  it('has a line for each session, whose times are exact under the pointer', async () => {
    await Promise.all([portal.tabOf('acme/uma'), portal.tabOf('acme/uma')]);
    const { page } = await portal.tabOf('acme/uma');
    await page.goto('/security/sessions');
    const heights = await page.evaluate<number[]>(
      `[...document.querySelectorAll('main li.setting, main li.session')].map((one) => one.getBoundingClientRect().height)`,
    );
    assert.ok(heights.length >= 3 && heights.every((height) => height < 90), heights.join());
    assert.equal(await page.locator('main details[open]').count(), 0);
    const titles = await page.evaluate<string[]>(`[...document.querySelectorAll('main time')].map((one) => one.title)`);
    for (const title of titles) assert.match(title, /^\d{1,2} \w{3} \d{4}, \d\d:\d\d:\d\d UTC$/);
  });
});

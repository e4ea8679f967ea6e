import assert from 'node:assert/strict';
import type { Dialog, Page } from 'playwright-core';
import { servePortal, type ServedPortal } from './support.js';

describe('What somebody has filled in', () => {
  let portal: ServedPortal;
  let page: Page;
  const asked: string[] = [];
  /** Whether to go on when the browser asks. */
  let goOn = false;
  before(async () => {
    portal = await servePortal();
    ({ page } = await portal.tabOf('acme/olivia'));
    page.on('dialog', (dialog: Dialog) => {
      asked.push(dialog.type());
      void (goOn ? dialog.accept() : dialog.dismiss());
    });
  });
  after(() => portal.close());
  beforeEach(() => {
    asked.length = 0;
    goOn = false;
  });

  for (const [path, field] of [
    ['/admin/security-policy', '[name=minLength]'],
    ['/admin/roles/new', '[name=description]'],
    ['/admin/organisation', '[name=signInMessage]'],
    ['/admin/notifications/invitation', '[name=text]'],
  ] as const) {
    it(`on ${path} is not left without a question, and an untouched form is left without one`, async () => {
      await page.goto(path);
      await page.locator(field).click();
      await page.locator('nav a', { hasText: 'Overview' }).first().click();
      await page.waitForURL(/\/admin$/);
      assert.deepEqual(asked, []);
      await page.goto(path);
      await page.locator(field).fill('20');
      const left = page.waitForEvent('dialog');
      await page.locator('nav a', { hasText: 'Overview' }).first().click({ noWaitAfter: true });
      await left;
      assert.deepEqual(asked, ['beforeunload']);
      assert.equal(await page.locator(field).inputValue(), '20');
      goOn = true;
      await page.locator('nav a', { hasText: 'Overview' }).first().click();
      await page.waitForURL(/\/admin$/);
    });
  }

  it('is sent without a question', async () => {
    await page.goto('/admin/security-policy');
    await page.locator('[name=minLength]').fill('20');
    await page.getByRole('button', { name: 'Review the change' }).first().click();
    await page.getByRole('heading', { name: 'What changes' }).waitFor();
    assert.deepEqual(asked, []);
  });

  it('in a dialog is not lost by Escape alone, and Cancel asks nothing', async () => {
    await page.goto('/security/tokens');
    const dialog = page.getByRole('dialog', { name: 'New API token' });
    await page.getByRole('link', { name: 'New token' }).click();
    await dialog.getByLabel('Name', { exact: true }).fill('Nightly backup');
    await page.keyboard.press('Escape');
    assert.deepEqual(asked, ['confirm']);
    assert.equal(await dialog.getByLabel('Name', { exact: true }).inputValue(), 'Nightly backup');
    await dialog.getByRole('link', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.deepEqual(asked, ['confirm']);
    goOn = true;
    await page.getByRole('link', { name: 'New token' }).click();
    await dialog.getByLabel('Name', { exact: true }).fill('Nightly backup');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });
});

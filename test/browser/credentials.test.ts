import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { Role } from '#models/role.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import { MINUTE } from '#server/lib/clock.js';
import { servePortal, type ServedPortal } from './support.js';

const TOKENS = '/security/tokens';

describe('The form of a new API token in a real browser', () => {
  let portal: ServedPortal;
  /** What the browser says of the tab that was opened last. */
  let complaints: string[] = [];
  before(async () => {
    portal = await servePortal();
    const { tenantId, id } = await User.findByPk(portal.idOf('acme/adam'), { rejectOnEmpty: true });
    const role = await Role.create({ tenantId, name: 'Log reader', permissions: '["log:read"]', createdAt: 1 });
    await UserRole.create({ tenantId, userId: id, roleId: role.id });
  });
  after(() => portal.close());

  const openList = async (options = {}): Promise<Page> => {
    const tab = await portal.tabOf('acme/adam', options);
    complaints = tab.complaints;
    await tab.page.goto(TOKENS);
    return tab.page;
  };
  const openForm = async (page: Page) => {
    await page.getByRole('link', { name: 'New token' }).click();
    const dialog = page.getByRole('dialog', { name: 'New API token' });
    await dialog.waitFor();
    return dialog;
  };
  const focused = (page: Page): Promise<string> =>
    page.evaluate('document.activeElement.id || document.activeElement.textContent.trim()');

  it('shows whole until when it is valid, on the narrowest screen', async () => {
    const page = await openList({ viewport: { width: 320, height: 800 } });
    await page.goto(`${TOKENS}/new?months=12`);
    const room = await page.evaluate<number>(`(() => {
      const select = document.getElementById('field-months');
      const { font, paddingLeft, paddingRight } = getComputedStyle(select);
      const pen = document.createElement('canvas').getContext('2d');
      pen.font = font;
      const { width } = pen.measureText(select.selectedOptions[0].textContent);
      return select.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - width;
    })()`);
    assert.ok(room >= 0, `${room} px`);
  });

  it('opens over the list, with the focus in its first field, and is left by Escape, Cancel and Close', async () => {
    const page = await openList();
    const dialog = await openForm(page);
    assert.equal(await focused(page), 'field-name');
    const { violations } = await new AxeBuilder({ page }).include('dialog').analyze();
    assert.deepEqual(
      violations.map(({ id }) => id),
      [],
    );
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await focused(page), 'New token');
    for (const way of [
      () => dialog.getByRole('link', { name: 'Cancel' }),
      () => dialog.getByRole('button', { name: 'Close' }),
    ]) {
      await openForm(page);
      await way().click();
      await dialog.waitFor({ state: 'detached' });
      assert.equal(await focused(page), 'New token');
    }
    assert.ok(page.url().endsWith(TOKENS));
    assert.deepEqual(complaints, []);
  });

  it('keeps the focus inside while it is open', async () => {
    const page = await openList();
    await openForm(page);
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      // Between its last field and its first the browser's own bar may have it.
      assert.equal(
        await page.evaluate(
          'document.activeElement === document.body || document.activeElement.closest("dialog") !== null',
        ),
        true,
      );
    }
  });

  it('makes the token, whose secret is then shown', async () => {
    const page = await openList();
    const dialog = await openForm(page);
    await dialog.getByLabel('Name').fill('Out of a dialog');
    await dialog.getByRole('button', { name: 'Create token' }).click();
    assert.match(await page.locator('[data-secret=token]').innerText(), /^ght_/);
  });

  it('comes back as a page of its own with what was typed, when something is wrong', async () => {
    const page = await openList();
    const dialog = await openForm(page);
    await dialog.getByLabel('Allowed IP addresses').fill('nonsense');
    await dialog.getByRole('button', { name: 'Create token' }).click();
    await page.getByRole('alert').waitFor();
    assert.equal(await page.getByLabel('Allowed IP addresses').inputValue(), 'nonsense');
    assert.equal(await page.getByRole('dialog').count(), 0);
  });

  it('offers the permissions of the chosen role alone, and lets go of those of another', async () => {
    const page = await openList();
    for (const form of [await openForm(page), page.locator('main')]) {
      await form.getByLabel('Role', { exact: true }).selectOption({ label: 'Admin' });
      await form.getByLabel('See users').check();
      assert.ok(await form.getByLabel('See the security log').isVisible());
      await form.getByLabel('Role', { exact: true }).selectOption({ label: 'Log reader' });
      assert.equal(await form.getByLabel('See users').isVisible(), false);
      assert.ok(await form.getByLabel('See the security log').isVisible());
      await form.getByLabel('Role', { exact: true }).selectOption({ label: 'Admin' });
      assert.equal(await form.getByLabel('See users').isChecked(), false);
      await page.goto(`${TOKENS}/new`);
    }
  });

  it('leads to the page that asks for the password, when the last time is long ago, and from there to the form', async () => {
    const page = await openList();
    portal.clock.move(11 * MINUTE);
    await page.getByRole('link', { name: 'New token' }).click();
    await page.waitForURL(/\/confirm\?next=/);
  });

  it('is a page of its own without JavaScript, and with a key held down a new tab', async () => {
    const page = await openList({ javaScriptEnabled: false });
    await page.getByRole('link', { name: 'New token' }).click();
    await page.waitForURL(`**${TOKENS}/new`);
    await page.getByLabel('Name').fill('Without a script');
    await page.getByRole('button', { name: 'Create token' }).click();
    assert.match(await page.locator('[data-secret=token]').innerText(), /^ght_/);
    const other = await openList();
    const opened = other.context().waitForEvent('page');
    await other.getByRole('link', { name: 'New token' }).click({ modifiers: ['Control'] });
    await opened;
    assert.equal(await other.getByRole('dialog').count(), 0);
  });
});

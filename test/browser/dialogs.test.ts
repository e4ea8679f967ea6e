import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { enrol } from '../support/second-factor.js';
import { servePortal, signIn, type ServedPortal } from './support.js';

const SCREENS = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** What is amiss in the dialog that is open, scrolled to its end: fields that touch, and a bar that is not whole. */
const AMISS = `(() => {
  const dialog = document.querySelector('dialog[open]');
  dialog.scrollTop = dialog.scrollHeight;
  const place = (one) => one.getBoundingClientRect();
  const bar = dialog.querySelector('.form-actions');
  const buttons = [...bar.querySelectorAll('.btn')].map(place);
  const fields = [...dialog.querySelectorAll('.form-field')].map(place);
  const inner = place(dialog).left + dialog.clientLeft;
  return [
    fields.some((field, at) => at > 0 && field.top - fields[at - 1].bottom < 12) && 'fields touch',
    fields.some(({ bottom }) => bottom > place(bar).top) && 'the bar lies on a field',
    place(bar).bottom > innerHeight && 'the bar is out of sight',
    (place(bar).left > inner + 1 || place(bar).right < inner + dialog.clientWidth - 1) && 'the bar is not as wide as its dialog',
    new Set(buttons.map(({ top }) => Math.round(top))).size > 1 && 'the buttons stand in two rows',
  ].filter(Boolean);
})()`;

describe('A form in a dialog', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
  });
  after(() => portal.close());

  for (const [screen, viewport] of Object.entries(SCREENS))
    it(`keeps its fields apart, and what sends it whole and in sight, on a ${screen}`, async () => {
      const found: string[] = [];
      const open = async (page: Page, path: string, name: string): Promise<void> => {
        await page.goto(path);
        await page.getByRole('link', { name }).first().click();
        await page.locator('dialog[open]').waitFor();
        const amiss = await page.evaluate<string[]>(AMISS);
        found.push(...amiss.map((what) => `${path}, ${name}: ${what}`));
      };
      const owner = await portal.tabOf('acme/olivia', { viewport });
      await open(owner.page, '/security/tokens', 'New token');
      const { phone } = await enrol(portal, screen === 'phone' ? 'acme/umar' : 'acme/uma');
      const { page, close } = await portal.tab({ viewport });
      await signIn(page, screen === 'phone' ? 'acme/umar' : 'acme/uma');
      await page.getByLabel('Six-digit code').fill(phone.nextCode());
      await page.waitForURL('**/security');
      for (const name of ['Disable', 'Reset secret', 'New recovery codes'])
        await open(page, '/security/two-factor', name);
      assert.deepEqual(found, []);
      await Promise.all([owner.close(), close()]);
    });
});

import assert from 'node:assert/strict';
import { enrol, STEP } from '../support/second-factor.js';
import { servePortal, signIn, type ServedPortal } from './support.js';

describe('The fields of a sign-in in a real browser', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
  });
  after(() => portal.close());

  it('send a code by themselves once its six digits are there, pasted with spaces too', async () => {
    const { phone } = await enrol(portal, 'acme/uma');
    for (const spaced of [false, true]) {
      portal.clock.move(2 * STEP);
      const { page, close } = await portal.tab();
      await signIn(page, 'acme/uma');
      const code = phone.nextCode();
      const field = page.getByLabel('Six-digit code');
      if (spaced) await field.fill(`  ${code.slice(0, 3)} ${code.slice(3)} `);
      else await field.pressSequentially(code);
      await page.waitForURL('**/security');
      await close();
    }
  });

  it('say that Caps Lock is on, and no longer once it is off', async () => {
    const { page } = await portal.tab();
    await page.goto('/login');
    const field = page.getByLabel('Password', { exact: true });
    await field.focus();
    const press = (on: boolean): Promise<void> =>
      field.dispatchEvent('keyup', { key: 'A', bubbles: true, modifierCapsLock: on });
    await press(true);
    await page.getByText('Caps Lock is on.').waitFor();
    await press(false);
    await page.getByText('Caps Lock is on.').waitFor({ state: 'detached' });
    assert.equal(await page.getByText('Caps Lock').count(), 0);
  });
});

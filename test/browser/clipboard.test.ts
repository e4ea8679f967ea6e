import assert from 'node:assert/strict';
import { totpCode } from '#server/lib/totp.js';
import { servePortal, type ServedPortal } from './support.js';

describe('What a browser copies and pastes', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
  });
  after(() => portal.close());

  it('is the secret as an app takes it, and the code as the portal does, with what came along from elsewhere', async () => {
    const { page } = await portal.tabOf('acme/uma');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const clipboard = (): Promise<string> => page.evaluate('navigator.clipboard.readText()');
    await page.goto('/security/two-factor');
    await page.getByRole('button', { name: 'Enable' }).click();
    await page.getByRole('button', { name: 'Copy the secret' }).click();
    await page.getByText('Copied', { exact: true }).waitFor();
    const secret = await clipboard();
    assert.match(secret, /^[A-Z2-7]{32}$/);
    await page.evaluate('navigator.clipboard.writeText("")');
    await page.locator('[data-secret=totp]').click({ clickCount: 3 });
    await page.keyboard.press('Control+C');
    assert.equal((await clipboard()).trim(), secret, 'selected by hand, too');

    const code = totpCode(secret, Math.floor(portal.clock.now() / 30_000));
    const pasted = JSON.stringify(`  ${code.slice(0, 3)}\u00a0${code.slice(3)}`);
    await page.evaluate(`navigator.clipboard.writeText(${pasted})`);
    await page.getByLabel('Six-digit code').focus();
    await page.keyboard.press('Control+V');
    await page.getByRole('button', { name: 'Validate' }).click();
    await page.getByRole('heading', { level: 1, name: 'Your recovery codes' }).waitFor();
  });
});

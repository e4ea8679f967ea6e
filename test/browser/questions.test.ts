import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import { ApiCredential } from '#models/api-credential.js';
import { servePortal, type ServedPortal } from './support.js';

describe('What destroys something, in a real browser', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
  });
  after(() => portal.close());

  const working = (): Promise<number> => ApiCredential.count({ where: { kind: 'key', revokedAt: null } });

  it('asks in a dialog, is left by Escape and Cancel, and is done by its button', async () => {
    const { page, complaints } = await portal.tabOf('acme/uma');
    await page.goto('/security/api-key');
    await page.getByRole('button', { name: 'Generate API key' }).click();
    await page.getByRole('link', { name: 'I have kept it' }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke your API key?' });
    for (const leave of [
      () => page.keyboard.press('Escape'),
      () => dialog.getByRole('link', { name: 'Cancel' }).click(),
    ]) {
      await page.getByRole('link', { name: 'Revoke' }).click();
      await dialog.waitFor();
      const { violations } = await new AxeBuilder({ page }).include('dialog').analyze();
      assert.deepEqual(
        violations.map(({ id }) => id),
        [],
      );
      await leave();
      await dialog.waitFor({ state: 'detached' });
    }
    assert.equal(await working(), 1);
    await page.getByRole('link', { name: 'Revoke' }).click();
    await dialog.getByRole('button', { name: 'Revoke the API key' }).click();
    await page.getByText('has been revoked').waitFor();
    assert.equal(await working(), 0);
    assert.deepEqual(complaints, []);
  });

  it('is a page of its own without JavaScript', async () => {
    const { page } = await portal.tabOf('acme/uma', { javaScriptEnabled: false });
    await page.goto('/security/api-key');
    await page.getByRole('button', { name: 'Generate API key' }).click();
    await page.goto('/security/api-key');
    await page.getByRole('link', { name: 'Revoke' }).click();
    await page.waitForURL('**/security/api-key/removal');
    await page.getByRole('button', { name: 'Revoke the API key' }).click();
    await page.getByText('has been revoked').waitFor();
    assert.equal(await working(), 0);
  });
});

describe('A double click in a real browser', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
  });
  after(() => portal.close());

  for (const javaScriptEnabled of [true, false])
    it(`makes one token, and its secret is seen, ${javaScriptEnabled ? 'with' : 'without'} JavaScript; a reload shows it again`, async () => {
      const { page, close } = await portal.tabOf('acme/uma', { javaScriptEnabled });
      await ApiCredential.destroy({ where: {} });
      await page.goto('/security/tokens/new');
      await page.getByLabel('Name').fill('Nightly');
      await page.getByRole('button', { name: 'Create token' }).dblclick({ delay: 20 });
      const secret = page.locator('[data-secret=token]');
      assert.match(await secret.innerText(), /^ght_/);
      const shown = await secret.innerText();
      await page.reload();
      assert.equal(await secret.innerText(), shown);
      assert.equal(await ApiCredential.count({ where: { kind: 'token' } }), 1);
      await close();
    });
});

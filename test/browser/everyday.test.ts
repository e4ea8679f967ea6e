import assert from 'node:assert/strict';
import { servePortal, signIn, type ServedPortal } from './support.js';

describe('Everyday use in a real browser', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
  });
  after(() => portal.close());

  it('works without JavaScript: signing in, changing the profile, signing out', async () => {
    const { page } = await portal.tab({ javaScriptEnabled: false });
    await signIn(page, 'acme/umar');
    await page.goto('/profile');
    await page.getByLabel('Full name').fill('Umar the First');
    await page.getByRole('button', { name: /save/i }).first().click();
    await page.getByRole('status').first().waitFor();
    await page.locator('summary', { hasText: 'Your account' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    assert.match(page.url(), /\/login$/);
    await page.goto('/security');
    assert.match(page.url(), /\/login/);
  });

  it('ticks the rules of a password off while it is typed', async () => {
    const { page } = await portal.tabOf('acme/uma');
    await page.locator('summary', { hasText: 'Change password' }).click();
    const rule = page.locator('[data-rule=minLength]').first();
    assert.notEqual(await rule.getAttribute('data-state'), 'met');
    await page.getByLabel('New password', { exact: true }).fill('a walk along the river');
    assert.equal(await rule.getAttribute('data-state'), 'met');
    const names = page.locator('[data-rule=forbidNames]').first();
    await page.getByLabel('New password', { exact: true }).fill('uma walks along the river');
    assert.equal(await names.getAttribute('data-state'), 'unmet');
  });

  it('says whether a password that is typed twice is the same, and how long it may be only to who comes to that', async () => {
    const { page, close } = await portal.tabOf('acme/uma');
    await page.goto('/security?form=password');
    const longest = page.locator('[data-rule=maxLength]').first();
    await page.locator('[name=newPassword]').fill('a walk along the river');
    assert.equal(await longest.isVisible(), false);
    const told = page.locator('.form-field:has([name=confirmPassword]) [role=status]').first();
    await page.locator('[name=confirmPassword]').fill('a walk');
    assert.equal(await told.textContent(), '');
    await page.locator('[name=confirmPassword]').fill('a walk along the river');
    assert.equal(await told.textContent(), 'The passwords match.');
    await page.locator('[name=newPassword]').fill('x'.repeat(129));
    assert.equal(await told.textContent(), 'The passwords differ.');
    assert.equal(await longest.isVisible(), true);
    await close();
  });

  it('knows the names of an account that is being made in the same form', async () => {
    const { page, close } = await portal.tabOf('acme/adam');
    await page.goto('/admin/users/new');
    await page.getByLabel('Name', { exact: true }).fill('Iris Ivanova');
    const state = (): Promise<string | null> =>
      page.locator('[data-rule=forbidNames]').first().getAttribute('data-state');
    assert.equal(await page.locator('#field-password').isVisible(), false, 'Who is invited chooses their own.');
    await page.getByLabel('Set a first password').check();
    await page.locator('#field-email').fill('Iris.Ivanova+x@acme.example');
    assert.equal(await page.locator('#field-username').inputValue(), 'iris.ivanovax');
    await page.locator('#field-password').fill('quiet ivanova orchard 57');
    assert.equal(await state(), 'unmet');
    await page.locator('#field-password').fill('quiet lantern orchard 57');
    assert.equal(await state(), 'met');
    await close();
  });

  it('shows an API token once, and copies it', async () => {
    const { page } = await portal.tabOf('acme/adam', { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.goto('/security/tokens/new');
    await page.getByLabel('Name').fill('Nightly backup');
    await page.getByRole('button', { name: 'Create token' }).click();
    const secret = (await page.locator('[data-secret=token]').innerText()).trim();
    assert.match(secret, /^ght_/);
    await page.getByRole('button', { name: 'Copy' }).first().click();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), secret);
    await page.goto('/security/tokens');
    assert.equal((await page.content()).includes(secret), false);
  });

  it('leads from the error summary to the field that is wrong', async () => {
    const { page } = await portal.tabOf('acme/olivia');
    await page.goto('/admin/users/new');
    await page.getByRole('button', { name: 'Add the user' }).click();
    const alert = page.getByRole('alert');
    await alert.getByRole('link').first().click();
    const focused = await page.evaluate('document.activeElement.id');
    assert.match(String(focused), /^field-/);
  });

  it('lets “just now” run on while a page stays open', async () => {
    const { page, close } = await portal.tab();
    await page.clock.install();
    await signIn(page, 'acme/umar');
    await page.goto('/security/sessions');
    const seen = page.locator('.session time[data-since]').first();
    assert.equal(await seen.innerText(), 'just now');
    await page.clock.runFor(5 * 60_000);
    assert.equal(await seen.innerText(), '5 minutes ago');
    await close();
  });

  it('shows beside a relative time the exact one where no script lets it run on', async () => {
    const { page, close } = await portal.tab({ javaScriptEnabled: false });
    await signIn(page, 'acme/umar');
    await page.goto('/security/sessions');
    const beside = `getComputedStyle(document.querySelector('.session time[data-since]'), '::after').content`;
    assert.match(String(await page.evaluate(beside)), /\d\d:\d\d:\d\d UTC/);
    const { page: scripted, close: closeScripted } = await portal.tabOf('acme/umar');
    await scripted.goto('/security/sessions');
    assert.equal(await scripted.evaluate(beside), 'none');
    await closeScripted();
    await close();
  });

  it('opens the menus with the keyboard', async () => {
    const { page } = await portal.tabOf('acme/uma');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to main content');
    await page.locator('.user-menu summary').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Profile' }).last().waitFor({ state: 'visible' });
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.user-menu').getAttribute('open'), null);
  });

  it('closes a menu as the keyboard goes on to what it covers, and not on the way to what it holds', async () => {
    const { page } = await portal.tabOf('acme/uma');
    const menu = page.locator('.user-menu');
    await menu.locator('summary').focus();
    await page.keyboard.press('Enter');
    for (const name of ['Security', 'Profile', 'Sign out']) {
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate('document.activeElement.textContent'), name);
      assert.notEqual(await menu.getAttribute('open'), null);
    }
    await page.keyboard.press('Tab');
    assert.equal(await menu.getAttribute('open'), null);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.locator('.phone-menu summary').focus();
    await page.keyboard.press('Enter');
    for (let at = 0; at < 4; at += 1) await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.closest("nav")?.id'), 'navigation');
    assert.ok(await page.locator('#navigation').isVisible());
    await page.locator('main a').first().focus();
    assert.equal(await page.locator('#navigation').isVisible(), false);
  });
});

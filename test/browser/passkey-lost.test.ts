import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { Passkey } from '#models/passkey.js';
import { User } from '#models/user.js';
import { setPolicy } from '../support/second-factor.js';
import { addSomebody, pageOf } from '../support/users.js';
import { Device } from './device.js';
import { servePortal, signIn, type ServedPortal } from './support.js';

/** A browser that notes which passkeys it is told to forget. */
const LISTENS = `window.told = [];
PublicKeyCredential.signalUnknownCredential = async (given) => void window.told.push(given.credentialId);`;

describe('An administrator who loses every device', () => {
  let portal: ServedPortal;
  let petra: User;
  before(async () => {
    portal = await servePortal();
    await setPolicy(portal, 'acme', { twoPersonReset: true, graceDays: 0 });
    petra = await addSomebody(portal, 'acme/petra', 'admin');
    await User.update({ mustSetUpTwoFactor: true }, { where: { id: petra.id } });
  });
  after(() => portal.close());

  async function isClean(page: Page): Promise<void> {
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(
      violations.map(({ id }) => id),
      [],
    );
  }

  async function add(page: Page, name: string): Promise<void> {
    await page.getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Make the passkey' }).click();
  }

  it('gets in again by a pass that one asks for and another approves, and whoever finds the phone does not', async () => {
    const { page, complaints } = await portal.tab();
    const phone = await Device.plugIn(page, 'internal');
    await signIn(page, 'acme/petra');
    await page.getByRole('link', { name: /passkey/i }).click();
    await add(page, 'Phone');
    await page.getByRole('link', { name: 'I have kept them' }).click();
    await page.waitForURL(/\/admin$/);

    const laptop = await Device.plugIn(page, 'usb');
    await phone.touch(false);
    await page.goto('/security/passkeys/new');
    await add(page, 'Laptop');
    await page.getByText('The passkey “Laptop” is added').waitFor();
    // The phone is stolen; the laptop signs in, and breaks before the phone was removed.
    const thief = await portal.tab();
    await thief.page.addInitScript(LISTENS);
    const found = await phone.foundBy(thief.page);
    await found.touch(false);
    await page.context().clearCookies();
    await page.goto('/login');
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL(/\/admin$/);
    await laptop.takeAway();
    await page.context().clearCookies();

    const adam = await portal.tabOf('acme/adam');
    await adam.page.goto(`${pageOf(petra.id)}/access-pass`);
    await adam.page.getByText('before another administrator has approved it').waitFor();
    await isClean(adam.page);
    await adam.page.getByLabel('It works for').selectOption({ label: '1 hour' });
    await adam.page.getByLabel('Reason').fill('Her bag was stolen');
    await adam.page.getByRole('button', { name: 'Ask for the pass' }).click();
    await adam.page.getByText('Another administrator has to approve this first').waitFor();
    assert.equal(await adam.page.locator('[data-secret=access-pass]').count(), 0);
    await adam.page.getByRole('link', { name: 'Look at the request' }).click();
    assert.equal(await adam.page.getByRole('button', { name: 'Approve' }).count(), 0);

    const olivia = await portal.tabOf('acme/olivia');
    await olivia.page.goto('/admin/approvals');
    await olivia.page.getByRole('link', { name: 'An access pass for 1 hour' }).click();
    await olivia.page.getByText('Her bag was stolen').waitFor();
    await isClean(olivia.page);
    await olivia.page.getByRole('button', { name: 'Approve' }).click();
    const pass = (await olivia.page.locator('[data-secret=access-pass]').innerText()).trim();
    await isClean(olivia.page);

    const next = await Device.plugIn(page, 'internal');
    await page.goto('/login/pass');
    await page.getByLabel('Organisation').fill('acme');
    await page.getByLabel('Username or e-mail').fill('petra');
    await page.getByLabel('Access pass').fill(pass);
    await page.getByRole('button', { name: 'Go on' }).click();
    await isClean(page);
    await page.getByRole('link', { name: 'Add a passkey' }).click();
    await add(page, 'New phone');
    await page.getByText('The passkey “New phone” is added').waitFor();
    await page.goto('/security/sessions');
    assert.match(page.url(), /\/login\/pass\/setup$/, 'The pass opens the set-up alone.');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto('/login?next=/security/passkeys');
    await page.waitForURL(/\/security\/passkeys$/);

    for (const lost of ['Phone', 'Laptop']) {
      await page.getByRole('link', { name: `Remove ${lost}` }).click();
      await page.getByRole('button', { name: 'Remove the passkey' }).click();
      await page.getByText('The passkey has been removed').waitFor();
    }
    const left = await Passkey.findAll({ where: { userId: petra.id } });
    assert.deepEqual(
      left.map(({ name }) => name),
      ['New phone'],
    );

    // Whoever has the phone has its finger, too: it answers, and is refused.
    const answered = thief.page.waitForResponse((one) => /\/login\/passkey$/.test(one.url()));
    await found.touch(true);
    await thief.page.goto('/login');
    assert.equal((await answered).status(), 422);
    await found.touch(false);
    await thief.page.getByText('This passkey does not sign you in').waitFor();
    assert.equal(await thief.page.evaluate('window.told.length'), 1, 'What keeps it is told to forget it.');
    await next.takeAway();
    for (const tab of [complaints, adam.complaints, olivia.complaints]) assert.deepEqual(tab, []);
  });
});

import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { setPolicy } from '../support/second-factor.js';
import { Device } from './device.js';
import { servePortal, signIn, type ServedPortal } from './support.js';

/** A browser that listens to what it is told of passkeys. */
const LISTENS = `window.told = [];
PublicKeyCredential.signalAllAcceptedCredentials = async (given) => void window.told.push(given);`;

describe('The life of somebody without a password in use', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
  });
  after(() => portal.close());

  async function isClean(page: Page): Promise<void> {
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(
      violations.map(({ id }) => id),
      [],
    );
  }

  it('begins at the first sign-in, goes on with a finger alone, moves to a second device, and loses the first', async () => {
    await setPolicy(portal, 'acme', { twoFactor: 'required', graceDays: 0 });
    const { page, complaints } = await portal.tab();
    await page.addInitScript(LISTENS);
    const phone = await Device.plugIn(page, 'internal');

    await signIn(page, 'acme/uma');
    await page.getByRole('link', { name: /passkey/i }).click();
    await page.getByLabel('Name').fill('Phone');
    assert.ok(await page.getByLabel('Sign in with it alone').isChecked());
    await page.getByRole('button', { name: 'Make the passkey' }).click();
    await page.getByRole('heading', { level: 1, name: 'Your recovery codes' }).waitFor();
    await page.getByRole('link', { name: 'I have kept them' }).click();
    await page.getByRole('heading', { level: 1, name: 'Security' }).waitFor();

    // The browser offers it in the field for the name, and a finger is on the sensor.
    await page.context().clearCookies();
    await page.goto('/login?next=/security/sessions');
    await page.waitForURL(({ pathname }) => pathname === '/security/sessions');
    assert.match((await page.locator('main').textContent()) ?? '', /Passkey of one device/);

    // Nobody touches it, until the button is pressed.
    await phone.touch(false);
    await page.context().clearCookies();
    await page.goto('/login');
    const button = page.getByRole('button', { name: 'Sign in with a passkey' });
    await button.waitFor();
    await isClean(page);
    await phone.touch(true);
    await button.click();
    await page.waitForURL(/\/security$/);

    const laptop = await Device.plugIn(page, 'usb');
    await page.goto('/security/passkeys/new');
    await phone.touch(false);
    await page.getByLabel('Name').fill('Laptop');
    await page.getByRole('button', { name: 'Make the passkey' }).click();
    await page.getByText('The passkey “Laptop” is added').waitFor();
    await isClean(page);
    await phone.takeAway();
    await page.getByRole('link', { name: /Remove Phone/ }).click();
    await page.getByRole('button', { name: 'Remove the passkey' }).click();
    await page.getByText('The passkey has been removed').waitFor();
    const told = await page.evaluate<{ allAcceptedCredentialIds: string[] }[]>('window.told');
    assert.deepEqual(
      told.map(({ allAcceptedCredentialIds: ids }) => ids.length),
      [1],
      'What keeps them is told which are left.',
    );

    await page.context().clearCookies();
    // A key that is plugged in is no list to choose from.
    await page.goto('/login');
    await button.click();
    await page.waitForURL(/\/security$/);
    await laptop.takeAway();
    assert.deepEqual(complaints, []);
  });

  it('is asked anew where the sign-in page was left open', async () => {
    const { page } = await portal.tab();
    await page.clock.install();
    await page.goto('/login');
    const options = (): Promise<string | null> => page.locator('[data-options]').getAttribute('data-options');
    const first = await options();
    await page.evaluate('window.dispatchEvent(new Event("focus"))');
    await page.clock.fastForward('04:30');
    assert.equal(await options(), first);
    await page.evaluate('window.dispatchEvent(new Event("focus"))');
    for (let tries = 0; tries < 50 && (await options()) === first; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 100));
    assert.notEqual(await options(), first);
  });

  it('has one asking at a time: what waits in the field for a name ends when the button is pressed', async () => {
    const { page, close } = await portal.tab();
    // A browser that offers passkeys as a field is filled in, and in which nobody ever chooses one.
    await page.addInitScript(`
      window.asked = [];
      PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(true);
      navigator.credentials.get = ({ mediation, signal }) => new Promise((_answer, refuse) => {
        const pending = window.asked.filter((one) => !one.ended).length;
        const one = { mediation: mediation ?? 'none', pending, ended: false };
        window.asked.push(one);
        signal.addEventListener('abort', () => { one.ended = true; refuse(signal.reason); });
      });`);
    await page.goto('/login');
    await page.waitForFunction('window.asked.length === 1');
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForFunction('window.asked.length === 2');
    assert.deepEqual(await page.evaluate('window.asked'), [
      { mediation: 'conditional', pending: 0, ended: true },
      { mediation: 'none', pending: 0, ended: false },
    ]);
    await close();
  });

  it('is told what else there is where there is no script, or no device', async () => {
    const { page, close } = await portal.tab({ javaScriptEnabled: false });
    await page.goto('/login');
    assert.equal(await page.getByRole('button', { name: 'Sign in with a passkey' }).count(), 0);
    assert.match(
      await page.content(),
      /<noscript><p[^>]*>Without JavaScript no passkey can be used: sign in with your password/,
    );
    await close();
    const other = await portal.tab();
    await other.page.goto('/login');
    await other.page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    assert.equal(await other.page.getByText('Without JavaScript no passkey can be used').count(), 0);
    assert.deepEqual(other.complaints, []);
    await signIn(other.page, 'acme/umar');
  });
});

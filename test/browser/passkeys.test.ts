import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import type { CDPSession, Page } from 'playwright-core';
import { servePortal, signIn, type ServedPortal } from './support.js';

/** A finger on the sensor, or a key without one. */
interface Kind {
  verified: boolean;
  resident?: boolean;
  synced?: boolean;
}

describe('A person with a passkey', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
  });
  after(() => portal.close());

  /** Plugs an authenticator into this tab. */
  async function plugIn(
    page: Page,
    { verified, resident = true, synced = false }: Kind,
  ): Promise<[CDPSession, string]> {
    const wire = await page.context().newCDPSession(page);
    await wire.send('WebAuthn.enable', { enableUI: false });
    const { authenticatorId } = await wire.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: verified ? 'internal' : 'usb',
        hasResidentKey: resident,
        hasUserVerification: verified,
        isUserVerified: verified,
        automaticPresenceSimulation: true,
        defaultBackupEligibility: synced,
        defaultBackupState: synced,
      },
    });
    return [wire, authenticatorId];
  }

  async function add(page: Page, name: string): Promise<void> {
    await page.goto('/security/passkeys/new');
    await page.getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Make the passkey' }).click();
  }

  it('makes one, signs in with it, confirms with it, and removes it', async () => {
    const { page, complaints } = await portal.tabOf('acme/uma');
    const [wire, authenticatorId] = await plugIn(page, { verified: true, synced: true });
    const touch = (enabled: boolean) =>
      wire.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    await add(page, 'Phone');
    await page.getByRole('heading', { level: 1, name: 'Your recovery codes' }).waitFor();
    assert.equal(await page.locator('[data-secret=recovery-codes] li').count(), 10);
    await page.getByRole('link', { name: 'I have kept them' }).click();
    await page.getByRole('heading', { level: 1, name: 'Passkeys' }).waitFor();
    assert.match(await page.getByRole('row', { name: /Phone/ }).innerText(), /Synced/);
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(
      violations.map(({ id }) => id),
      [],
    );

    // The same device is not taken twice.
    await add(page, 'Again');
    await page.getByText('already has a passkey of yours').waitFor();

    // With a finger on it, it would sign in before a name is typed.
    await touch(false);
    await page.context().clearCookies();
    await signIn(page, 'acme/uma');
    await touch(true);
    assert.match(page.url(), /\/login\/two-factor$/);
    const entrance = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(
      entrance.violations.map(({ id }) => id),
      [],
    );
    await page.getByRole('button', { name: 'Use your passkey' }).click();
    await page.getByRole('heading', { level: 1, name: 'Security' }).waitFor();

    portal.clock.move(11 * 60_000);
    await page.goto('/security/passkeys/new');
    await page.getByRole('button', { name: 'Confirm with a passkey' }).click();
    await page.getByRole('heading', { level: 1, name: 'Add a passkey' }).waitFor();
    await page.goto('/security/passkeys');
    await page.getByRole('link', { name: /Remove Phone/ }).click();
    await page.getByRole('button', { name: 'Remove the passkey' }).click();
    await page.getByText('The passkey has been removed').waitFor();
    assert.deepEqual(complaints, []);
  });

  it('of a security key without a PIN confirms beside the password, and a key that is gone says what else there is', async () => {
    const { page } = await portal.tabOf('acme/umar');
    const [wire, authenticatorId] = await plugIn(page, { verified: false, resident: false });
    await add(page, 'Key');
    await page.getByRole('link', { name: 'I have kept them' }).click();
    assert.match(await page.getByRole('row', { name: /Key/ }).innerText(), /Only on this device/);
    portal.clock.move(11 * 60_000);
    await page.goto('/confirm?next=/security');
    assert.equal(await page.locator('[data-passkey]').getByLabel('Password', { exact: true }).count(), 1);

    await wire.send('WebAuthn.clearCredentials', { authenticatorId });
    await page.context().clearCookies();
    await signIn(page, 'acme/umar');
    await page.getByRole('button', { name: 'Use your passkey' }).click();
    await page.getByText('Nothing was chosen, or it took too long').waitFor();
    await page.getByRole('link', { name: 'Use a recovery code instead' }).waitFor();
  });
});

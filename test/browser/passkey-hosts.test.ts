import assert from 'node:assert/strict';
import { PASSWORD } from '../support/portal.js';
import { servePortal, signIn, type ServedPortal } from './support.js';

describe('A person with a passkey, where each organisation has an address of its own', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal({ env: { BASE_DOMAIN: 'localhost' } });
  });
  after(() => portal.close());

  it('is told at the address of the portal where theirs is made', async () => {
    const tab = await portal.tab();
    const { page } = tab;
    await page.goto('/login');
    await signIn(page, 'acme/uma');
    await page.goto('/security/passkeys/new');
    await page.getByRole('button', { name: 'Make the passkey' }).click();
    await page.getByText('made and used at acme.localhost alone. Sign in there.').waitFor();
    await tab.close();
  });

  it('makes it there', async () => {
    const tab = await portal.tab({ baseURL: portal.url.replace('localhost', 'acme.localhost') });
    const { page } = tab;
    const wire = await page.context().newCDPSession(page);
    await wire.send('WebAuthn.enable', { enableUI: false });
    await wire.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', automaticPresenceSimulation: true },
        ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
      },
    });
    await page.goto('/login');
    assert.equal(await page.getByLabel('Organisation').count(), 0);
    await page.getByLabel('Username or e-mail').fill('uma');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(/acme\.localhost:\d+\/(security)?$/);
    await page.goto('/security/passkeys/new');
    await page.getByRole('button', { name: 'Make the passkey' }).click();
    await page.getByRole('heading', { name: /recovery codes/ }).waitFor();
    await tab.close();
  });
});

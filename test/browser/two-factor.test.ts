import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beginSetup } from '../support/second-factor.js';
import { servePortal, signIn, type ServedPortal } from './support.js';

const STEP = 30_000;

describe('A person with a phone', () => {
  let portal: ServedPortal;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-qr-'));
    portal = await servePortal();
  });
  after(async () => {
    await portal.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function codeOf(secret: string): string {
    const at = `@${Math.floor(portal.clock.now() / 1000)}`;
    return execFileSync('oathtool', ['--totp', '--base32', '--now', at, secret], { encoding: 'utf8' }).trim();
  }

  it('reads the QR code off the screen, validates, keeps the recovery codes, and signs in with codes from then on', async () => {
    const { page, complaints } = await portal.tabOf('acme/uma');
    await page.goto('/security/two-factor');
    await page.getByRole('button', { name: 'Enable' }).click();
    const picture = join(folder, 'qr.png');
    await page.locator('.qr').screenshot({ path: picture });
    const read = execFileSync('zbarimg', ['--quiet', '--raw', picture], { encoding: 'utf8' }).trim();
    const url = new URL(read);
    assert.equal(`${url.protocol}//${url.host}`, 'otpauth://totp');
    const secret = url.searchParams.get('secret') ?? '';
    assert.equal((await page.locator('[data-secret=totp]').innerText()).replace(/\s/g, ''), secret);

    // It is sent by itself.
    await page.getByLabel('Six-digit code').fill(codeOf(secret));
    await page.getByRole('heading', { level: 1, name: 'Your recovery codes' }).waitFor();
    const codes = await page.locator('[data-secret=recovery-codes] li').allInnerTexts();
    assert.equal(codes.length, 10);

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'recovery-codes.txt');
    const saved = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n');
    const heading = saved.splice(0, saved.indexOf('') + 1);
    assert.equal(heading[0], 'Recovery codes');
    assert.ok(heading.includes(`Sign in at: ${new URL(page.url()).origin}`));
    assert.deepEqual(
      saved,
      codes.map((code) => code.trim()),
    );

    await page.goto('/security');
    assert.match(page.url(), /\/login\?next=/, 'every session has ended, this one too');

    portal.clock.move(STEP);
    await signIn(page, 'acme/uma');
    assert.match(page.url(), /\/login\/two-factor$/);
    await page.getByLabel('Six-digit code').fill(codeOf(secret));
    await page.getByRole('heading', { level: 1, name: 'Security' }).waitFor();

    const other = await portal.tab();
    await signIn(other.page, 'acme/uma');
    await other.page.getByRole('link', { name: 'Use a recovery code instead' }).click();
    await other.page.getByLabel('Recovery code').fill((codes[3] ?? '').toUpperCase());
    await other.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await other.page.getByRole('heading', { level: 1, name: 'Security' }).waitFor();
    assert.deepEqual([...complaints, ...other.complaints], []);
  });

  it('opens the app on the phone itself by a button above the code to scan, and on a desk by a line beside it', async () => {
    await beginSetup(portal, await portal.signedIn('acme/umar'));
    for (const phone of [true, false]) {
      const { page, close } = await portal.tabOf('acme/umar', { hasTouch: phone, isMobile: phone });
      const button = page.getByRole('link', { name: 'Open in the app on this device' });
      assert.equal(await button.isVisible(), phone);
      const other = page.getByRole('link', { name: 'open it in an app on this device', exact: true });
      assert.match((await other.getAttribute('href')) ?? '', /^otpauth:\/\/totp\//);
      if (phone) {
        assert.equal(await button.getAttribute('href'), await other.getAttribute('href'));
        const [above, code] = [await button.boundingBox(), await page.locator('.qr').boundingBox()];
        assert.ok(above && code && above.y + above.height <= code.y);
      }
      await close();
    }
  });
});

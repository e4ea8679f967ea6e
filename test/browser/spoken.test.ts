import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { totpCode } from '#server/lib/totp.js';
import { tokenFor } from '../support/programs.js';
import { STEP } from '../support/second-factor.js';
import { addSomebody, userCalled } from '../support/users.js';
import { openablePaths } from './places.js';
import { spokenOn, stumblesOf } from './spoken.js';
import { servePortal, signIn, type ServedPortal, type Tab } from './support.js';

describe('Who hears a page, and does not see it', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
    // Two of whatever there may be two of.
    for (const who of ['acme/john', 'acme/johnny']) await addSomebody(portal, who, 'user');
    await User.update({ name: 'John Smith' }, { where: { username: ['john', 'johnny'] } });
    for (const who of ['acme/uma', 'acme/uma', 'acme/olivia', 'acme/olivia']) {
      await tokenFor(portal, who);
      await portal.signedIn(who);
      portal.clock.move(61_000);
    }
  });
  after(() => portal.close());

  const stumbles = async ({ page }: Tab): Promise<string[]> =>
    stumblesOf(await spokenOn(page)).map((fault) => `${page.url().replace(portal.url, '')}: ${fault}`);

  for (const [who, prefix] of [
    ['acme/olivia', ''],
    ['acme/uma', '/security'],
    ['platform/opal', '/platform'],
  ] as const)
    it(`is told of everything on every page of ${who} what it is called, which of several it is, and what is wrong`, async () => {
      const tab = await portal.tabOf(who);
      const found: string[] = [];
      for (const path of openablePaths(portal, prefix)) {
        const answer = await tab.page.goto(path);
        if (answer?.ok()) found.push(...(await stumbles(tab)));
      }
      assert.deepEqual(found, []);
      await tab.close();
    });

  it('is told on the way to a second factor, at the code, and of codes that are shown once', async () => {
    const tab = await portal.tabOf('acme/john');
    const { page } = tab;
    const found: string[] = [];
    await page.goto('/security/two-factor');
    await page.getByRole('button', { name: 'Enable' }).click();
    await page.locator('[data-secret=totp]').waitFor();
    found.push(...(await stumbles(tab)));
    await page.getByLabel('Six-digit code').fill('000000');
    await page.getByRole('heading', { name: 'There is a problem' }).waitFor();
    found.push(...(await stumbles(tab)));
    const code = await spokenOn(page);
    assert.ok(
      code.some(({ role, invalid, description }) => role === 'textbox' && invalid && /code/.test(description)),
      'The field says that it is wrong, and why.',
    );
    const secret = (await page.locator('[data-secret=totp]').innerText()).replaceAll(/\s/g, '');
    await page.getByLabel('Six-digit code').fill(totpCode(secret, Math.floor(portal.clock.now() / STEP)));
    await page.getByRole('heading', { level: 1, name: 'Your recovery codes' }).waitFor();
    found.push(...(await stumbles(tab)));
    await signIn(page, 'acme/john');
    assert.match(page.url(), /\/login\/two-factor$/);
    found.push(...(await stumbles(tab)));
    await page.getByRole('link', { name: 'Use a recovery code instead' }).click();
    await page.getByLabel('Recovery code').waitFor();
    found.push(...(await stumbles(tab)));
    assert.deepEqual(found, []);
    await tab.close();
  });

  it('begins on what was done, or on what is wrong, and not at the top of the page', async () => {
    const tab = await portal.tabOf('acme/olivia');
    const { page } = tab;
    await page.goto('/profile');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.flash').waitFor();
    const focused = async (): Promise<string[]> =>
      page.evaluate<string[]>(
        `[document.activeElement.getAttribute('role'), document.getElementById(document.activeElement.getAttribute('aria-labelledby'))?.textContent.trim()]`,
      );
    const [role, words = ''] = await focused();
    assert.equal(role, 'status');
    assert.match(words, /saved/);
    await page.getByLabel('Full name').fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'There is a problem' }).waitFor();
    assert.deepEqual(await focused(), ['alert', 'There is a problem']);
    await tab.close();
  });

  it('hears a question before its buttons, and is back where the question was asked from', async () => {
    const tab = await portal.tabOf('acme/uma');
    const { page } = tab;
    await page.goto('/security/sessions');
    const ask = page.getByRole('link', { name: /^End Chrom/ }).first();
    await ask.click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    const spoken = (await spokenOn(page)).find(({ role }) => role === 'dialog');
    assert.equal(spoken?.name, await dialog.getByRole('heading').innerText());
    assert.equal(spoken.description, (await dialog.locator('form > p').allInnerTexts()).join(' '));
    assert.notEqual(spoken.description, '');
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate('document.activeElement.getAttribute("href")'), await ask.getAttribute('href'));
    await tab.close();
  });

  it('keeps the place on a page that tells how far something is, and hears one bar that moves', async () => {
    const tab = await portal.tabOf('acme/olivia');
    const { page } = tab;
    const uma = await userCalled(portal, 'acme/uma');
    await page.goto('/admin/users');
    await page.locator(`[name=ids][value="${uma.id}"]`).check();
    assert.equal(await page.getByRole('status').filter({ hasText: '1 selected' }).count(), 1);
    // The job is not worked on in this test: what its page says later is said for it.
    await page.getByLabel('Do', { exact: true }).selectOption('end-sessions');
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('button', { name: /End/ }).click();
    await page.locator('[data-progress]').waitFor();
    const path = new URL(page.url()).pathname;
    await page.evaluate(`document.querySelector('progress').same = true`);
    await page.getByRole('link', { name: 'Reload' }).focus();
    await page.route(`**${path}`, async (route) => {
      const answer = await route.fetch();
      const text = (await answer.text())
        .replaceAll('0 of 1', '3 of 4')
        .replace(/value="0" max="1"/, 'value="3" max="4"');
      await route.fulfill({ response: answer, body: text });
    });
    await page.getByRole('status').filter({ hasText: '3 of 4' }).waitFor();
    assert.deepEqual(
      await page.evaluate(
        `[document.activeElement.textContent, ...['same', 'value', 'max'].map((name) => document.querySelector('progress')[name])]`,
      ),
      ['Reload', true, 3, 4],
    );
    await tab.close();
  });

  it('is asked again for a sign-in that went wrong with the words of what went wrong', async () => {
    const tab = await portal.tab();
    await signIn(tab.page, 'acme/nobody');
    assert.deepEqual(await stumbles(tab), []);
    assert.match(await tab.page.title(), /^Error: /);
    await tab.close();
  });
});

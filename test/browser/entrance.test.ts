import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { User } from '#models/user.js';
import { totpCode } from '#server/lib/totp.js';
import { invite, mailResetLink } from '../support/links.js';
import { setPolicy } from '../support/second-factor.js';
import { servePortal, signIn, type ServedPortal } from './support.js';

/** How everything on the page looks, down to the last property; what the head holds is not seen. */
const LOOKS = `[document.body, ...document.body.querySelectorAll('*')].flatMap((one) => [null, '::before', '::after']
  .map((part) => [part, getComputedStyle(one, part)])
  .filter(([part, style]) => part === null || !['none', 'normal'].includes(style.content))
  .map(([part, style]) => [
    one.tagName + '.' + [...one.classList].join('.') + (part ?? ''),
    [...style].filter((property) => !property.startsWith('--'))
      .map((property) => property + ': ' + style.getPropertyValue(property)).join('; '),
  ]))`;
/** What looks otherwise now than it did before. */
const CHANGED = `${LOOKS}.flatMap(([name, style]) => {
  const [, before] = window.looks.shift();
  return style === before ? [] : [name + ' ' + before.split('; ').filter((one) => !style.includes(one)).slice(0, 3)];
})`;

/** Puts the sheets of the portal in the place of the one of the entrance. */
const WHOLE = `Promise.all(['tabler', 'gatehouse'].map((name) => new Promise((resolve, reject) => {
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: '/assets/css/' + name + '.css' });
  link.onload = resolve;
  link.onerror = reject;
  document.head.append(link);
}))).then(() => document.querySelector('link[href*="entrance.css"]').remove())`;

describe('A page of the entrance, which loads a sheet of its own', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
  });
  after(() => portal.close());

  /** What looks otherwise with all that there is than with what the page loads. */
  async function differences(page: Page): Promise<string[]> {
    const found: string[] = [];
    // Its scripts have run by then: one of them goes to what is wrong.
    await page.waitForLoadState();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const loaded = await page.evaluate<number>('document.querySelectorAll("link[rel=stylesheet]").length');
    assert.equal(loaded, 1, `${page.url()} loads one sheet`);
    const modes = [
      { width: 1280, colorScheme: 'light', media: 'screen' },
      { width: 390, colorScheme: 'dark', media: 'screen' },
      { width: 1280, colorScheme: 'light', media: 'print' },
    ] as const;
    const change = async ({ width, ...media }: (typeof modes)[number]): Promise<void> => {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ ...media, reducedMotion: 'reduce' });
    };
    await page.evaluate('window.looks = []');
    for (const mode of modes) {
      await change(mode);
      await page.evaluate(`void window.looks.push(...${LOOKS})`);
    }
    await page.evaluate(WHOLE);
    for (const mode of modes) {
      await change(mode);
      const changed = await page.evaluate<string[]>(CHANGED);
      found.push(...changed.map((name) => `${page.url()} ${mode.media} ${mode.width}: ${name}`));
    }
    await page.emulateMedia({ media: 'screen' });
    return found.slice(0, 5);
  }

  it('looks as it would with the sheets of the portal: links, errors, choices of passwords', async () => {
    const found: string[] = [];
    const { page } = await portal.tab();
    const reset = await mailResetLink(portal, 'acme/umar');
    const accept = await invite(portal, 'acme/iris');
    for (const path of ['/login', '/login?organization=acme', '/password/forgot', '/nowhere', reset, accept]) {
      await page.goto(path);
      found.push(...(await differences(page)));
    }
    for (const dead of ['/password/reset/', '/invitations/', '/email/confirm/', '/disavowal/']) {
      await page.goto(`${dead}${'x'.repeat(43)}`);
      found.push(...(await differences(page)));
    }
    for (const [path, button] of [
      ['/login', /^Sign in$/],
      ['/password/forgot', 'Send the link'],
      [reset, 'Save'],
    ] as const) {
      await page.goto(path);
      await page.getByRole('button', { name: button }).last().click();
      await page.getByRole('alert').waitFor();
      found.push(...(await differences(page)));
    }
    assert.deepEqual(found, []);
  });

  it('looks so on the way of who must choose a password and set up a second factor, to the recovery codes', async () => {
    const found: string[] = [];
    await User.update({ mustChangePassword: true }, { where: { id: portal.idOf('acme/uma') } });
    const { page } = await portal.tabOf('acme/uma');
    assert.match(page.url(), /\/login\/password$/);
    found.push(...(await differences(page)));
    await User.update({ mustChangePassword: false }, { where: { id: portal.idOf('acme/uma') } });
    await setPolicy(portal, 'acme', { twoFactor: 'required', graceDays: 0 });
    portal.clock.move(60_000);
    await page.goto('/');
    assert.match(page.url(), /\/login\/two-factor\/setup$/);
    found.push(...(await differences(page)));
    await page.reload();
    await page.getByRole('button', { name: 'Begin' }).click();
    const secret = (await page.locator('[data-secret=totp]').innerText()).replace(/\s/g, '');
    const code = (): string => totpCode(secret, Math.floor(portal.clock.now() / 30_000));
    found.push(...(await differences(page)));
    await page.getByLabel('Six-digit code').fill(code());
    await page.getByRole('heading', { level: 1, name: 'Your recovery codes' }).waitFor();
    found.push(...(await differences(page)));
    await signIn(page, 'acme/uma');
    for (const path of ['/login/two-factor', '/login/recovery']) {
      await page.goto(path);
      found.push(...(await differences(page)));
    }
    assert.deepEqual(found, []);
  });
});

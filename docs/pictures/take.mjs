// Takes the pictures of the README from a portal that runs with the demonstration:
//   node docs/pictures/take.mjs http://localhost:3000 plum-harbour-violet-84
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [base = 'http://localhost:3000', password = ''] = process.argv.slice(2);
const pages = { security: '/security', users: '/admin/users', log: '/admin/security-log' };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const colorScheme of ['light', 'dark']) {
  const context = await browser.newContext({ baseURL: base, colorScheme, viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  const take = (name) => page.screenshot({ path: join(import.meta.dirname, `${name}-${colorScheme}.png`) });
  await page.goto('/login?organization=acme');
  await take('login');
  await page.getByLabel('Username or e-mail').fill('olivia');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForLoadState();
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(path);
    await take(name);
  }
  await context.close();
}
await browser.close();

import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { Page } from 'playwright-core';
import { printedSetupLink } from '../support/links.js';
import { servePortal, signIn, type ServedPortal } from './support.js';

const PASSWORD = 'copper lantern meadow 9';

/** What a browser said of where a form came from. */
interface Sent {
  origin: string | undefined;
  site: unknown;
}

const forms: Sent[] = [];
function noteForm({ method, headers }: IncomingMessage): void {
  if (method === 'POST') forms.push({ origin: headers.origin, site: headers['sec-fetch-site'] });
}

// As browsers do that are older than Fetch Metadata (Safari before 16.4), also on a page of https.
function forgetFetchMetadata(req: IncomingMessage): void {
  req.headers = Object.fromEntries(Object.entries(req.headers).filter(([name]) => !name.startsWith('sec-fetch-')));
  noteForm(req);
}

const PORTALS = [
  {
    where: 'over plain http on a network, where browsers send no Fetch Metadata',
    options: { host: 'portal.test', env: { ALLOW_HTTP: '1' }, onRequest: noteForm },
  },
  { where: 'with a browser too old for Fetch Metadata', options: { onRequest: forgetFetchMetadata } },
];

for (const { where, options } of PORTALS) {
  describe(`The portal ${where}`, () => {
    let portal: ServedPortal;
    beforeEach(() => (forms.length = 0));
    afterEach(() => portal.close());

    /** That the browser named its page, and nothing else: what the portal went by is what it got. */
    const cameFromOurPage = (): void => {
      assert.ok(forms.length > 0);
      for (const one of forms) assert.deepEqual(one, { origin: portal.url, site: undefined });
    };

    for (const javaScriptEnabled of [true, false]) {
      const how = javaScriptEnabled ? 'with script' : 'without script';

      it(`can be signed in to and out of, ${how}`, async () => {
        portal = await servePortal(options);
        const { page, complaints } = await portal.tab({ javaScriptEnabled });
        await signIn(page, 'acme/uma');
        await page.goto('/profile');
        assert.equal(new URL(page.url()).pathname, '/profile');
        await page.getByLabel('Full name').fill('Uma the Second');
        await page.getByRole('button', { name: /save/i }).first().click();
        await page.getByRole('status').first().waitFor();
        await page.locator('summary', { hasText: 'Your account' }).click();
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.waitForURL('**/login');
        assert.deepEqual(complaints, []);
        cameFromOurPage();
      });

      it(`can be set up at its first start, ${how}`, async () => {
        portal = await servePortal({ ...options, demo: false });
        const { page, complaints } = await portal.tab({ javaScriptEnabled });
        await page.goto((await printedSetupLink(portal)) ?? '');
        await setUp(page);
        await page.getByText('Gatehouse is ready').waitFor();
        assert.deepEqual(complaints, []);
        cameFromOurPage();
      });
    }
  });
}

async function setUp(page: Page): Promise<void> {
  for (const [label, text] of [
    ['Name', 'Wayne Works'],
    ['Short name', 'wayne'],
    ['Full name', 'Wanda Wayne'],
    ['Username', 'wanda'],
    ['E-mail', 'wanda@wayne.example'],
    ['Password', PASSWORD],
    ['Password again', PASSWORD],
  ] as const)
    await page.getByLabel(label, { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Create my organisation' }).click();
}

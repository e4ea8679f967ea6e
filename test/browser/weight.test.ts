import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { compressAssets } from '../../.ci/assets/compress.js';
import { addSomebody } from '../support/users.js';
import { servePortal, type ServedPortal } from './support.js';

const PEOPLE = 60;

const PLACES = [
  '/security',
  '/security/two-factor',
  '/security/tokens/new',
  '/admin',
  '/admin/users',
  '/admin/roles/new',
];
const SLOW = { downloadThroughput: 400_000, uploadThroughput: 100_000 };
/** Notes what moves without anybody having done something, and how far. */
const WATCH = `window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries())
    if (!hadRecentInput && value > 0.001)
      window.shifts.push(value.toFixed(3) + ' ' + sources.map(({ node }) => node?.nodeName + '.' + node?.className).join(' '));
}).observe({ type: 'layout-shift', buffered: true });`;

/** What a browser that has kept nothing is sent for a page, headers and all. */
interface Weight {
  bytes: number;
  requests: number;
}

describe('What is sent to a browser that comes for the first time', () => {
  let portal: ServedPortal;
  before(async () => {
    compressAssets();
    portal = await servePortal();
    for (let at = 1; at <= PEOPLE; at += 1) await addSomebody(portal, `acme/person-${at}`, 'user');
  });
  after(() => portal.close());

  async function weigh(page: Page, path: string): Promise<Weight> {
    const wire = await page.context().newCDPSession(page);
    const weight: Weight = { bytes: 0, requests: 0 };
    await wire.send('Network.enable');
    await wire.send('Network.clearBrowserCache');
    const drawn = new Set<string>();
    wire.on('Network.requestWillBeSent', ({ requestId, request }) => {
      if (request.url.startsWith('data:')) drawn.add(requestId);
    });
    wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      weight.bytes += encodedDataLength;
      weight.requests += drawn.has(requestId) ? 0 : 1;
    });
    await page.goto(path, { waitUntil: 'networkidle' });
    await wire.detach();
    return weight;
  }

  it('is 35 kB at most for the sign-in page, in 6 requests at most', async () => {
    const { page } = await portal.tab();
    const { bytes, requests } = await weigh(page, '/login');
    assert.ok(bytes > 0 && bytes <= 35_000, `${bytes} bytes`);

    assert.ok(requests <= 6, `${requests} requests`);
  });

  it('is 60 kB at most for a full page of users', async () => {
    const { page } = await portal.tabOf('acme/olivia');
    const { bytes } = await weigh(page, '/admin/users');
    assert.ok((await page.locator('tbody tr').count()) >= 20);

    assert.ok(bytes > 0 && bytes <= 60_000, `${bytes} bytes`);
  });

  it('moves nothing once it is there, on a slow line too', async () => {
    const moved: string[] = [];
    for (const viewport of [
      { width: 1280, height: 800 },
      { width: 390, height: 844 },
    ]) {
      const { page, close } = await portal.tabOf('acme/olivia', { viewport });
      await page.addInitScript(WATCH);
      const wire = await page.context().newCDPSession(page);
      await wire.send('Network.enable');
      await wire.send('Network.setCacheDisabled', { cacheDisabled: true });
      await wire.send('Network.emulateNetworkConditions', { offline: false, latency: 60, ...SLOW });
      for (const path of [...PLACES, '/login']) {
        if (path === '/login') await page.context().clearCookies();
        await page.goto(path, { waitUntil: 'networkidle' });
        const shifts = await page.evaluate<string[]>('window.shifts');
        moved.push(...shifts.map((what) => `${path} at ${viewport.width}: ${what}`));
      }
      await close();
    }
    assert.deepEqual(moved, []);
  });
});

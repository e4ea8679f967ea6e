import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { compressAssets } from '../../.ci/assets/compress.js';
import { addSomebody } from '../support/users.js';
import { servePortal, type ServedPortal } from './support.js';

const PEOPLE = 60;

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
});

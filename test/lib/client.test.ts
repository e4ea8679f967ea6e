import assert from 'node:assert/strict';
import { clientLine, describeClient } from '#server/lib/client.js';

const MOZILLA = 'Mozilla/5.0';
const WEBKIT = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';

/** What browsers say, and what is true of it. */
const CLIENTS: readonly (readonly [agent: string, line: string, model: string | null, device: string | null])[] = [
  [
    `${MOZILLA} (iPhone; CPU iPhone OS 18_7 like Mac OS X) ${WEBKIT} Version/26.2 Mobile/15E148 Safari/604.1`,
    'Mobile Safari 26.2 on iOS 26.2',
    'Apple iPhone',
    'phone',
  ],
  [
    `${MOZILLA} (iPhone; CPU iPhone OS 17_5 like Mac OS X) ${WEBKIT} Version/17.5 Mobile/15E148 Safari/604.1`,
    'Mobile Safari 17.5 on iOS 17.5',
    'Apple iPhone',
    'phone',
  ],
  [
    `${MOZILLA} (iPhone; CPU iPhone OS 18_7 like Mac OS X) ${WEBKIT} CriOS/143.0 Mobile/15E148 Safari/604.1`,
    'Chrome 143 on iOS',
    'Apple iPhone',
    'phone',
  ],
  [
    `${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/26.0 Safari/605.1.15`,
    'Safari 26 on macOS',
    null,
    'computer',
  ],
  [
    `${MOZILLA} (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0`,
    'Firefox 143 on macOS',
    null,
    'computer',
  ],
  [
    `${MOZILLA} (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0`,
    'Firefox 143 on Windows',
    null,
    'computer',
  ],
  [
    `${MOZILLA} (Windows NT 6.1; Win64; x64; rv:115.0) Gecko/20100101 Firefox/115.0`,
    'Firefox 115 on Windows 7',
    null,
    'computer',
  ],
  [
    `${MOZILLA} (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36`,
    'Chrome 143 on Android',
    null,
    'phone',
  ],
  [`${MOZILLA} (Android 10; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0`, 'Firefox 145 on Android', null, 'phone'],
  [`${MOZILLA} (Android 14; Tablet; rv:115.0) Gecko/115.0 Firefox/115.0`, 'Firefox 115 on Android 14', null, 'tablet'],
  [
    `${MOZILLA} (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36`,
    'Chrome 143 on Chromium OS',
    null,
    'computer',
  ],
  [
    `${MOZILLA} (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36`,
    'Chrome 142 on Android 15',
    'Google Pixel 9',
    'phone',
  ],
  [
    `${MOZILLA} (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36`,
    'Chrome 143 on Android',
    null,
    'tablet',
  ],
  [
    `${MOZILLA} (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36`,
    'Chrome 143 on Android 14',
    'Samsung SM-S918B',
    'phone',
  ],
  [
    `${MOZILLA} (iPad; CPU OS 17_5 like Mac OS X) ${WEBKIT} Version/17.5 Mobile/15E148 Safari/604.1`,
    'Mobile Safari 17.5 on iOS 17.5',
    'Apple iPad',
    'tablet',
  ],
];

describe('What is told of a browser', () => {
  it('Is what can be known: a version that is the same for ever is left out', () => {
    for (const [agent, line, model, device] of CLIENTS) {
      const client = describeClient({ 'user-agent': agent });
      assert.equal(clientLine(client).replace('Mobile Chrome', 'Chrome'), line, agent);
      assert.deepEqual([client.model, client.device], [model, device], agent);
    }
  });

  it('Is what its hints say, where it sends them', () => {
    for (const [version, system] of [
      ['"15.0.0"', 'Windows 11'],
      ['"10.0.0"', 'Windows 10'],
    ]) {
      const { os } = describeClient({
        'user-agent': `${MOZILLA} (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/143.0.0.0 Safari/537.36`,
        'sec-ch-ua-platform': '"Windows"',
        'sec-ch-ua-platform-version': version,
      });
      assert.equal(os, system);
    }
  });
});

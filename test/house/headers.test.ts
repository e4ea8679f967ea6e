import assert from 'node:assert/strict';
import { routes } from '#server/features/index.js';
import { classesOf, SHEETS } from '../support/sheets.js';
import type { Page } from '../support/browser.js';
import { clearCounters } from '../support/database.js';
import { isGuarded, isGuardedFile, tellsNothing } from '../support/headers.js';
import { startPortal, type Portal } from '../support/portal.js';
import { pathOf, titleOf } from '../support/routes.js';
import { wholeCaller, type Caller } from './callers.js';
import { ownValues } from './rows.js';

describe('Every answer tells browsers what it may not be used for', () => {
  let portal: Portal;
  let people: Caller[];
  before(async () => {
    portal = await startPortal();
    people = [];
    for (const who of ['acme/olivia', 'platform/opal']) people.push(await wholeCaller(portal, who));
  });
  after(() => portal.close());

  for (const route of routes) {
    it(titleOf(route), async () => {
      await clearCounters(portal.database);
      const visitor = portal.browser();
      const token = { _csrf: await visitor.csrf() };
      const seen = await (route.method === 'get' ? visitor.get(pathOf(route)) : visitor.post(pathOf(route), token));
      isGuarded(seen);
      isDressed(await visitor.follow(seen));
      isGuarded(await visitor.postRaw(pathOf(route), '{}', { 'Content-Type': 'application/json' }));
      for (const { name, browser } of people) {
        if (route.method === 'get') isGuarded(await browser.get(pathOf(route, await ownValues(portal, route, name))));
        else isGuarded(await browser.post(pathOf(route), {}));
      }
    });
  }

  it('Files, which browsers may keep', async () => {
    const [{ browser }] = people as [Caller];
    const page = await browser.get('/security');
    const files = [...page.html.matchAll(/"(\/assets\/[^"#]+)/g)].map(([, path]) => path ?? '');
    assert.ok(files.length > 3);
    for (const file of new Set(files)) {
      const answer = await browser.get(file);
      assert.equal(answer.status, 200, file);
      isGuardedFile(answer);
      assert.match(answer.headers['cache-control'] ?? '', /immutable/);
    }
    for (const path of ['/assets/css/gatehouse.css', '/favicon.ico']) isGuardedFile(await browser.get(path));
  });

  it('What is not there, too long, too big, malformed or meant for another', async () => {
    const [{ browser }] = people as [Caller];
    for (const path of [
      '/no/such/page',
      '/assets/no-such-file.js',
      '/assets/../package.json',
      '/assets/%2e%2e/package.json',
      '/assets/.hidden',
      '/%zz',
      `/${'x'.repeat(2100)}`,
    ]) {
      const answer = await browser.get(path);
      assert.ok([400, 404, 414].includes(answer.status), `${path}: ${answer.status}`);
      isGuarded(answer);
      tellsNothing(answer);
    }
    for (const path of ['/healthz', '/readyz']) isGuarded(await browser.get(path));
    isGuarded(await browser.get('/login', { Host: 'evil.example' }));
    isGuarded(await browser.postRaw('/login', 'x'.repeat(40_000)));
  });

  // Last: nothing works after it.
  it('A failure of ours', async () => {
    const browsers = people.map(({ browser }) => browser);
    await portal.database.sequelize.query('ALTER TABLE user_roles RENAME TO elsewhere');
    for (const browser of browsers) {
      const answer = await browser.get('/security');
      assert.equal(answer.status, 500);
      isGuarded(answer);
      tellsNothing(answer);
      assert.match(answer.text, /Something went wrong on our side/);
      const [line] = portal.logLines.filter(
        (one) => one.includes(answer.headers['x-request-id'] ?? '?') && one.includes('request failed'),
      );
      assert.ok(line, 'It is logged under the reference that the page shows.');
      assert.ok(answer.html.includes(answer.headers['x-request-id'] ?? '?'));
    }
    await portal.database.sequelize.query('ALTER TABLE elsewhere RENAME TO user_roles');
    for (const browser of browsers)
      assert.equal((await browser.get('/security')).status, 200, 'It works again once its cause is gone.');
  });
});

/** Fails when a page of the entrance uses a class whose looks stand only in the sheets that it does not load. */
function isDressed({ document, path }: Page): void {
  if (document.querySelector('body.entrance') === null) return;
  const used = document.querySelectorAll('[class]').flatMap((one) => [...one.classList.values()]);
  const bare = used.filter((name) => classesOf(SHEETS.portal).has(name) && !classesOf(SHEETS.entrance).has(name));
  assert.deepEqual(bare, [], `${path}: name its folder in .ci/assets/entrance.ts and run npm run assets`);
}

describe('Https for a year is asked of browsers', () => {
  for (const [domain, expected] of [
    ['', 'max-age=31536000'],
    ['portal.example', 'max-age=31536000; includeSubDomains'],
  ] as const)
    it(
      domain === '' ? 'for the portal’s own name' : 'for the addresses of organisations too, where they have some',
      async () => {
        const env = { BASE_URL: 'https://portal.example', BASE_DOMAIN: domain, TRUST_PROXY: '1' };
        const portal = await startPortal({ env, demo: false });
        assert.equal((await portal.browser().get('/login')).headers['strict-transport-security'], expected);
        await portal.close();
      },
    );
});

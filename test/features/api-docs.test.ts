import assert from 'node:assert/strict';
import { openApiDocument } from '#server/api/openapi.js';
import { apiRoutes } from '#server/features/api.js';
import { readReference, type ApiDocument } from '#server/features/api-docs/reference.js';
import type { Page } from '../support/browser.js';
import { isGuarded } from '../support/headers.js';
import { faultsOf } from '../support/json-schema.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';

const DOCUMENT = openApiDocument(apiRoutes, 'https://portal.example', '1') as unknown as ApiDocument;
const CALLS = readReference(DOCUMENT).flatMap(({ calls }) => calls);

describe('The reference of the API', () => {
  let portal: Portal;
  let page: Page;
  before(async () => {
    portal = await startPortal();
    page = await portal.browser().get('/api/docs');
  });
  after(() => portal.close());

  it('is open to anybody, with the headers of every page and nothing from elsewhere', () => {
    assert.equal(page.status, 200);
    assert.match(page.headers['content-type'] ?? '', /^text\/html/);
    isGuarded(page);
    for (const one of page.document.querySelectorAll('script, link, img, iframe')) {
      assert.match(one.getAttribute('src') ?? one.getAttribute('href') ?? '', /^\/assets\//);
    }
  });

  it('has every call, with its method, its path, its permission and a line to copy', () => {
    const shown = page.document.querySelectorAll('details.api-call');
    assert.equal(shown.length, apiRoutes.length);
    for (const { method, path, access } of apiRoutes) {
      const template = path.replace(/:(\w+)/g, '{$1}');
      const call = shown.find(
        (one) =>
          one.querySelector('.api-method')?.text === method.toUpperCase() &&
          one.querySelector('.api-path')?.text === template,
      );
      assert.ok(call, `${method} ${path}`);
      if (access.who === 'permitted')
        assert.ok(call.text.includes(access.permission), `${path} says ${access.permission}`);
      const curl = call.querySelector('.copyable-text')?.text ?? '';
      assert.match(curl, /^curl /);
      assert.ok(curl.includes(`${portal.config.baseUrl}/api/v1`), curl);
      assert.equal(curl.includes('$TOKEN'), access.who !== 'anyone', curl);
      const ownMethod =
        method === 'get' || (method === 'post' && / -d |--data/.test(curl)) ? '' : `-X ${method.toUpperCase()}`;
      assert.ok(curl.includes(ownMethod), curl);
    }
  });

  it('has an example of every answer and every body that its own description allows', () => {
    for (const call of CALLS) {
      const operation = DOCUMENT.paths[call.path]?.[call.method.toLowerCase()];
      assert.ok(operation);
      const [{ schema } = { schema: null }] = Object.values(operation.responses[call.status]?.content ?? {});
      if (schema && call.answer?.startsWith('{'))
        assert.deepEqual(
          faultsOf(JSON.parse(call.answer), schema as never, DOCUMENT.components.schemas as never),
          [],
          call.path,
        );
      const [, body] = /-d '(.*)' \S+$/.exec(call.curl) ?? [];
      const sent = operation.requestBody?.content['application/json']?.schema;
      if (sent)
        assert.deepEqual(
          faultsOf(JSON.parse(body ?? ''), sent as never, DOCUMENT.components.schemas as never),
          [],
          call.path,
        );
    }
  });

  it('has examples that can be sent as they stand, with an id of one’s own', async () => {
    const olivia = await programOf(portal, 'acme/olivia');
    const sent = (path: string): unknown => {
      const { curl = '' } = CALLS.find((call) => call.path === path && / -d '/.test(call.curl)) ?? {};
      return JSON.parse(/-d '(.*)' \S+$/.exec(curl)?.[1] ?? '');
    };
    assert.equal((await olivia.patch('/me', sent('/me'))).status, 200);
    assert.equal((await olivia.post('/roles', sent('/roles'))).status, 201);
    assert.equal((await olivia.post('/security-policy/preview', sent('/security-policy/preview'))).status, 200);
    assert.equal((await olivia.put('/security-policy', sent('/security-policy'))).status, 200);
  });

  it('stands in the portal for who is signed in, and is found from the tokens', async () => {
    const uma = await portal.signedIn('acme/uma');
    const mine = await uma.get('/api/docs');
    assert.ok(mine.links().includes('/security/tokens') && mine.links().includes('/profile'));
    assert.ok((await uma.get('/security/tokens')).links().includes('/api/docs'));
    assert.ok(mine.links().includes('/api/openapi.json'));
  });

  it('has a link to each part, which leads there', () => {
    const parts = page.links().filter((link) => link.startsWith('#') && link !== '#main');
    assert.ok(parts.length >= 8);
    for (const part of parts) assert.ok(page.document.querySelector(part), part);
  });
});

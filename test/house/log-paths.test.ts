import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { routes } from '#server/features/index.js';
import { newApiSecret } from '#server/lib/api-secret.js';
import { startPortal, type Portal } from '../support/portal.js';

/** Paths whose last part is what lets somebody in. */
const LINKS = routes.filter(({ path }) => /:(token|code)$/.test(path));

describe('A link that lets somebody in is not in the log of requests', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  /** What the log has of a request for this path. */
  async function logged(method: 'get' | 'post', path: string): Promise<string> {
    const before = portal.logLines.length;
    const browser = portal.browser();
    await (method === 'get' ? browser.get(path) : browser.post(path, {}));
    const lines = portal.logLines.slice(before).join('');
    assert.match(lines, /"path":/, 'The request is logged.');
    return lines;
  }

  for (const { method, path } of LINKS)
    it(`${method.toUpperCase()} ${path}, however it is written`, async () => {
      const secret = randomBytes(32).toString('base64url');
      // A mail program cuts a line, and somebody puts a stop behind it.
      for (const sent of [secret, secret.slice(0, 20), `${secret}.`, `${secret}/`, `${secret}?from=mail`]) {
        const asked = path.replace(/:\w+$/, sent);
        for (const spelt of [asked, asked.replace(/^\/\w+/, (part) => part.toUpperCase())])
          assert.ok(!(await logged(method, spelt)).includes(secret.slice(0, 20)), spelt);
      }
    });

  it('is every one of these, and none is forgotten', () => {
    assert.ok(LINKS.length >= 14, `${LINKS.length} paths`);
  });

  it('nor a secret at a path that there is not, of a link or of a program', async () => {
    const link = randomBytes(32).toString('base64url');
    for (const secret of [link, newApiSecret('token').text])
      for (const path of [`/password//reset/${secret}`, `/nowhere/${secret}`, `/api/v1/${secret}`, `/${secret}`])
        assert.ok(!(await logged('get', path)).includes(secret), path);
  });

  it('while an id is, which whoever looks for a request goes by', async () => {
    const id = portal.idOf('acme/uma');
    assert.ok((await logged('get', `/admin/users/${id}`)).includes(id));
  });
});

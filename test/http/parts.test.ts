import assert from 'node:assert/strict';
import { startPortal, type Portal } from '../support/portal.js';

const PREVIEW = '/admin/users/import/preview';

describe('A form in parts', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('that ends in the middle of a file is refused, whoever sends it, and the next is served', async () => {
    const head = '--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n';
    for (const body of [head, `${head}abc`, `${head}abc\r\n--B`, `${head}${'x'.repeat(30_000)}`]) {
      const browser = portal.browser();
      const answer = await browser.postRaw(PREVIEW, body, { 'Content-Type': 'multipart/form-data; boundary=B' });
      assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}: ${body.slice(0, 90)}`);
      assert.equal((await browser.get('/login')).status, 200);
    }
  });
});

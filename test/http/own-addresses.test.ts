import assert from 'node:assert/strict';
import { bearer, generateFor, tokenFor } from '../support/programs.js';
import { sendToken } from '../support/credentials.js';
import { startPortal, type Portal } from '../support/portal.js';

const PORTAL = 'https://portal.example:8443';
const ACME = 'https://acme.people.example:8443';

describe('Where each organisation has an address of its own, programs are told that', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal({ env: { BASE_URL: PORTAL, BASE_DOMAIN: 'people.example', TRUST_PROXY: '1' } });
  });
  after(() => portal.close());

  const get = (path: string, host: string) => portal.browser().get(path, { Host: new URL(host).host });

  it('as the issuer of what they ask about', async () => {
    const { secret } = await tokenFor(portal, 'acme/audrey');
    const asks = await generateFor(portal, 'acme/audrey', 'key');
    const { body } = await bearer(portal, asks).post('/introspect', new URLSearchParams({ token: secret }).toString());
    assert.deepEqual([body['organization'], body['iss']], ['acme', ACME]);
  });

  it('in the line that proves a new credential, wherever its owner is', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    const page = await sendToken(olivia);
    assert.ok(page.text.includes(`curl -H "Authorization: Bearer $TOKEN" ${ACME}/api/v1/me`), page.text);
  });

  it('in the description of the API and its reference, as far as they are read there', async () => {
    for (const [host, address] of [
      ['https://portal.example:8443', PORTAL],
      [ACME, ACME],
      ['https://globex.people.example:8443', 'https://globex.people.example:8443'],
      [ACME.toUpperCase(), ACME],
      [PORTAL, PORTAL],
    ] as const) {
      const { servers, openapi } = JSON.parse((await get('/api/openapi.json', host)).text) as Record<string, unknown>;
      assert.deepEqual([servers, openapi], [[{ url: `${address}/api/v1` }], '3.1.0']);
      const calls = (await get('/api/docs', host)).document.querySelectorAll('.copyable-text').map(({ text }) => text);
      assert.ok(calls.length > 50);
      for (const call of calls) assert.ok(call.includes(`${address}/api/v1`), call);
    }
  });
});

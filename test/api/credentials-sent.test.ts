import assert from 'node:assert/strict';
import supertest from 'supertest';
import { newApiSecret } from '#server/lib/api-secret.js';
import { MINUTE } from '#server/lib/clock.js';
import { ask } from '../support/ask.js';
import { startPortal, type Portal } from '../support/portal.js';
import {
  bearer,
  forgedSecret,
  ofAnotherKind,
  generateFor,
  tokenFor,
  withApiKey,
  withBasic,
} from '../support/programs.js';
import { Program } from '../support/program.js';

describe('A program shows who it is', () => {
  let portal: Portal;
  let token: string;
  let key: string;
  let password: string;
  before(async () => {
    portal = await startPortal();
    token = (await tokenFor(portal, 'acme/uma')).secret;
    key = await generateFor(portal, 'acme/uma', 'key');
    password = await generateFor(portal, 'acme/uma', 'password');
  });
  after(() => portal.close());
  beforeEach(() => portal.clock.move(MINUTE));

  const verdict = async (program: Program): Promise<string> => {
    const { status, code } = await program.get('/me');
    return `${status} ${code}`.trim();
  };

  it('with a token or the key as Bearer or X-API-Key, or with the API password as Basic', async () => {
    for (const [kind, program] of [
      ['token', bearer(portal, token)],
      ['token', withApiKey(portal, token)],
      ['key', bearer(portal, key)],
      ['key', withApiKey(portal, key)],
      ['password', withBasic(portal, 'acme/uma', password)],
    ] as const) {
      const { status, body } = await program.get('/me');
      assert.equal(status, 200);
      assert.equal(body['username'], 'uma');
      assert.equal((body['credential'] as Record<string, unknown>)['kind'], kind);
    }
  });

  it('and the word Bearer may be written in any case', async () => {
    for (const scheme of ['bearer', 'BEARER', 'Bearer'])
      assert.equal(await verdict(new Program(portal, { Authorization: `${scheme} ${token}` })), '200');
  });

  it('and in one way: of two credentials none counts, be they of one account, of two, or twice the same', async () => {
    const other = (await tokenFor(portal, 'acme/olivia')).secret;
    const basic = `Basic ${Buffer.from(`acme/uma:${password}`).toString('base64')}`;
    for (const [name, headers] of Object.entries<Record<string, string | string[]>>({
      'a token and the key': { Authorization: `Bearer ${token}`, 'X-API-Key': key },
      'a token twice': { Authorization: `Bearer ${token}`, 'X-API-Key': token },
      'the token of somebody else': { Authorization: `Bearer ${token}`, 'X-API-Key': other },
      'an unknown one first': { Authorization: `Bearer ${newApiSecret('token').text}`, 'X-API-Key': key },
      'the API password and the key': { Authorization: basic, 'X-API-Key': key },
      'two of Authorization': { Authorization: [`Bearer ${token}`, `Bearer ${other}`] },
      'the password, then a token': { Authorization: [basic, `Bearer ${other}`] },
      'two keys': { 'X-API-Key': [key, other] },
    })) {
      for (const path of ['/api/v1/me', '/api/v1/forward-auth']) {
        portal.clock.move(MINUTE);
        const {
          status,
          text,
          headers: given,
        } = await ask(portal.app, { method: 'GET', path, headers: { Host: 'localhost:3000', ...headers } });
        const { code } = JSON.parse(text) as { code: string };
        assert.deepEqual([status, code], [400, 'invalid_request'], `${name}: ${path}`);
        assert.match(given['www-authenticate'] ?? '', /error="invalid_request"/, name);
      }
    }
  });

  it('while what is none of ours stays whose it is: the Basic of a proxy in front, the key of what is guarded', async () => {
    const basic = `Basic ${Buffer.from('somebody:else').toString('base64')}`;
    for (const [headers, is] of [
      [{ Authorization: `Bearer ${token}`, 'X-API-Key': 'sk_live_of_another' }, '200'],
      [{ Authorization: basic, 'X-API-Key': key }, '200'],
      [{ Authorization: basic, 'X-API-Key': 'ghk_nonsense' }, '401 invalid_credentials'],
      [{ Authorization: 'Bearer of-another', 'X-API-Key': key }, '401 invalid_credentials'],
    ] as const) {
      assert.equal(await verdict(new Program(portal, headers)), is);
      portal.clock.move(MINUTE);
    }
  });

  it('but each kind only in its own way', async () => {
    assert.equal(await verdict(bearer(portal, password)), '401 invalid_credentials');
    assert.equal(await verdict(withApiKey(portal, password)), '401 invalid_credentials');
    assert.equal(await verdict(withBasic(portal, 'acme/uma', token)), '401 invalid_credentials');
    portal.clock.move(MINUTE);
    assert.equal(await verdict(withBasic(portal, 'acme/uma', key)), '401 invalid_credentials');
  });

  it('and whatever else it sends is nobody’s', async () => {
    const wrong = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
    const swapped = token.replace(/^ght/, 'ghk');
    for (const text of [
      wrong,
      swapped,
      token.toUpperCase(),
      `${token}x`,
      token.slice(0, -7),
      newApiSecret('token').text,
      '',
      'x'.repeat(5000),
      'null',
      "' OR 1=1 --",
    ]) {
      portal.clock.move(MINUTE);
      assert.equal(
        await verdict(new Program(portal, { Authorization: `Bearer ${text}` })),
        '401 invalid_credentials',
        text.slice(0, 90),
      );
      assert.equal(await verdict(withApiKey(portal, text)), '401 invalid_credentials', text.slice(0, 90));
    }
    for (const Authorization of [
      token,
      `Token ${token}`,
      `Bearer ${token} ${token}`,
      `Bearer "${token}"`,
      `Digest username="uma"`,
      'Bearer',
    ]) {
      assert.equal(
        await verdict(new Program(portal, { Authorization })),
        '401 invalid_credentials',
        Authorization.slice(0, 20),
      );
    }
  });

  it('and a secret with a wrong checksum, or of an unknown id, does not open anything by being near', async () => {
    const [prefix = '', id = '', secret = '', sum = ''] = token.split('_');
    const other = newApiSecret('token').text.split('_');
    for (const text of [
      ofAnotherKind(token),
      `${prefix}_${id}_${other[2]}_${other[3]}`,
      `${prefix}_${other[1]}_${secret}_${sum}`,
      `${prefix}_${id}_${secret}_${other[3]}`,
    ]) {
      assert.equal(await verdict(bearer(portal, text)), '401 invalid_credentials');
    }
    // Well-formed to the last character, with the id of a real one: only the secret itself is wrong.
    const forged = forgedSecret(id);
    assert.equal(await verdict(bearer(portal, forged)), '401 invalid_credentials');
    assert.equal(await verdict(bearer(portal, token)), '200');
  });

  it('never in the address, on any call', async () => {
    for (const query of [
      `access_token=${token}`,
      `token=${token}`,
      `api_key=${key}`,
      `key=${key}`,
      `apikey=${key}`,
      `X-API-Key=${key}`,
    ]) {
      portal.clock.move(MINUTE);
      assert.equal((await new Program(portal).get(`/me?${query}`)).status, 401, query.slice(0, 12));
      assert.equal((await new Program(portal).get(`/users?${query}`)).status, 401, query.slice(0, 12));
    }
    const inUrl = await supertest(portal.app).get(`/api/v1/me`).auth('', '').set('Host', 'localhost:3000');
    assert.equal(inUrl.status, 401);
    assert.ok(
      !portal.logLines.some((line) => line.includes(token) || line.includes(key)),
      'Nor does the log of requests hold one.',
    );
  });

  it('and in no cookie: the API takes no notice of who is signed in in the browser', async () => {
    const browser = await portal.signedIn('acme/olivia');
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    assert.equal((await browser.get('/security')).status, 200);
    const asOlivia = new Program(portal, { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' });
    for (const path of ['/me', '/users', '/security-log', '/me/sessions'])
      assert.equal((await asOlivia.get(path)).status, 401, path);
    const { body } = await new Program(portal, { Cookie: cookie, Authorization: `Bearer ${token}` }).get('/me');
    assert.equal(body['username'], 'uma');
    assert.equal((await browser.get('/security')).status, 200);
  });

  it('while the pages take no notice of Authorization', async () => {
    const { secret } = await tokenFor(portal, 'acme/olivia');
    for (const headers of [
      { Authorization: `Bearer ${secret}` },
      { 'X-API-Key': secret },
      { Authorization: `Basic ${Buffer.from(`acme/uma:${password}`).toString('base64')}` },
    ]) {
      for (const path of ['/security', '/admin/users', '/profile']) {
        const page = await portal.browser().get(path, headers);
        assert.deepEqual([page.status, page.location.split('?')[0]], [303, '/login'], path);
      }
    }
  });
});

import assert from 'node:assert/strict';
import { newApiSecret } from '#server/lib/api-secret.js';
import { SECOND } from '#server/lib/clock.js';
import { startPortal, type Portal } from '../support/portal.js';
import { generateFor, programOf, tokenFor } from '../support/programs.js';
import type { Program, Reply } from '../support/program.js';
import { setPolicy } from '../support/second-factor.js';
import { userCalled } from '../support/users.js';

describe('A service asks what a credential is worth (RFC 7662)', () => {
  let portal: Portal;
  let asks: Program;
  beforeEach(async () => {
    portal = await startPortal();
    asks = await programOf(portal, 'acme/robo');
  });
  afterEach(() => portal.close());

  const introspect = (token: string, by = asks): Promise<Reply> =>
    by.post('/introspect', new URLSearchParams({ token }).toString());

  it('and is told who it belongs to, what it may do, and until when', async () => {
    const { secret } = await tokenFor(portal, 'acme/audrey', { scopes: ['users:read', 'log:read'], months: 1 });
    const { status, body } = await introspect(secret);
    assert.equal(status, 200);
    assert.deepEqual(
      [body['active'], body['username'], body['token_type'], body['organization'], body['roles']],
      [true, 'audrey', 'Bearer', 'acme', ['Auditor']],
    );
    assert.deepEqual(String(body['scope']).split(' ').sort(), ['log:read', 'users:read']);
    assert.deepEqual([body['sub'], body['iss']], [portal.idOf('acme/audrey'), portal.config.baseUrl]);
    const now = Math.floor(portal.clock.now() / SECOND);
    assert.ok(Math.abs(Number(body['iat']) - now) < 60 && Number(body['exp']) > now + 27 * 86_400);
  });

  it('of the key and the API password too, which do not expire', async () => {
    for (const [kind, type] of [
      ['key', 'Bearer'],
      ['password', 'Basic'],
    ] as const) {
      const { body } = await introspect(await generateFor(portal, 'acme/uma', kind));
      assert.deepEqual(
        [body['active'], body['token_type'], body['exp'], body['scope']],
        [true, type, undefined, 'tokens:create'],
      );
    }
  });

  it('and of what is none, is dead or is another organisation’s hears no more than that', async () => {
    const revoked = await tokenFor(portal, 'acme/uma');
    await (await programOf(portal, 'acme/uma')).delete(`/me/tokens/${revoked.id}`);
    const foreign = await tokenFor(portal, 'globex/gina');
    for (const token of ['x', newApiSecret('token').text, revoked.secret, foreign.secret, 'x'.repeat(4000), 'a\0b']) {
      const { status, body } = await introspect(token);
      assert.deepEqual([status, body], [200, { active: false }], token.slice(0, 20));
    }
    assert.equal((await introspect(foreign.secret, await programOf(portal, 'globex/oscar'))).body['active'], true);
    assert.equal(
      (await introspect((await tokenFor(portal, 'acme/uma')).secret, await programOf(portal, 'platform/opal'))).body[
        'active'
      ],
      false,
    );
  });

  it('at this very moment: the user disabled, the second factor demanded', async () => {
    const { secret } = await tokenFor(portal, 'acme/uma');
    const uma = await userCalled(portal, 'acme/uma');
    await uma.update({ status: 'disabled' });
    assert.deepEqual((await introspect(secret)).body, { active: false });
    await uma.update({ status: 'active' });
    assert.equal((await introspect(secret)).body['active'], true);
    await setPolicy(portal, 'acme', { twoFactor: 'required', graceDays: 0 });
    assert.deepEqual((await introspect(secret)).body, { active: false });
  });

  it('is no use of the credential that is asked about', async () => {
    const { id, secret } = await tokenFor(portal, 'acme/uma');
    await introspect(secret);
    const { body } = await (await programOf(portal, 'acme/uma')).get(`/me/tokens/${id}`);
    assert.equal(body['lastUsedAt'], null);
  });

  it('in a form, with one token', async () => {
    const { secret } = await tokenFor(portal, 'acme/uma');
    assert.equal((await asks.post('/introspect', { token: secret })).status, 415);
    for (const form of ['', 'token=', `token=${secret}&token=${secret}`]) {
      assert.equal(
        (await asks.send('post', '/introspect', form, { 'Content-Type': 'application/x-www-form-urlencoded' })).status,
        422,
        form.slice(0, 10),
      );
    }
  });

  it('whatever else the client of another server puts beside it, which is passed over', async () => {
    const { secret } = await tokenFor(portal, 'acme/uma');
    for (const more of [
      'token_type_hint=access_token',
      'client_id=x&client_secret=y',
      'resource=https%3A%2F%2Fapi.example&resource=https%3A%2F%2Fother.example',
      '__proto__=x&constructor=y',
    ]) {
      const { status, body } = await asks.post('/introspect', `token=${secret}&${more}`);
      assert.deepEqual([status, body['active'], body['username']], [200, true, 'uma'], more);
    }
  });
});

import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { Role } from '#models/role.js';
import { newApiSecret } from '#server/lib/api-secret.js';
import { SECOND } from '#server/lib/clock.js';
import { SPELLINGS } from '../support/addresses.js';
import { startPortal, type Portal } from '../support/portal.js';
import { generateFor, giveRoles, programOf, tokenFor } from '../support/programs.js';
import type { Program, Reply } from '../support/program.js';
import { setPolicy } from '../support/second-factor.js';
import { userCalled } from '../support/users.js';

const auditor = async (portal: Portal): Promise<Role> =>
  Role.factory((await userCalled(portal, 'acme/robo')).tenantId, 'auditor');

describe('A service asks what a credential is worth (RFC 7662)', () => {
  let portal: Portal;
  let asks: Program;
  beforeEach(async () => {
    portal = await startPortal();
    await giveRoles(await userCalled(portal, 'acme/robo'), [await auditor(portal)]);
    asks = await programOf(portal, 'acme/robo', { role: 'Auditor' });
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

  it('of the key and the API password too, which end as tokens do', async () => {
    for (const [kind, type] of [
      ['key', 'Bearer'],
      ['password', 'Basic'],
    ] as const) {
      const { body } = await introspect(await generateFor(portal, 'acme/uma', kind));
      assert.deepEqual([body['active'], body['token_type'], body['scope']], [true, type, 'tokens:create']);
      const now = Math.floor(portal.clock.now() / SECOND);
      assert.ok(Number(body['exp']) > now + 364 * 86_400 && Number(body['exp']) <= now + 367 * 86_400);
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
      (await introspect((await tokenFor(portal, 'acme/uma')).secret, await programOf(portal, 'globex/oscar'))).body[
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

  it('by who may read credentials, and nobody else', async () => {
    const { secret } = await tokenFor(portal, 'acme/uma');
    assert.equal((await introspect(secret, await programOf(portal, 'acme/umar'))).status, 403);
  });

  it('of which nothing is asked without a token, as the standard has it (RFC 6749, 5.2)', async () => {
    const { secret } = await tokenFor(portal, 'acme/uma');
    for (const [sent, field] of [
      ['', 'token'],
      ['token_type_hint=access_token', 'token'],
      ['token=', 'token'],
      [`token=${secret}&ip=somewhere`, 'ip'],
    ] as const) {
      const { status, body } = await asks.post('/introspect', sent);
      assert.deepEqual([status, body['error'], body['code']], [400, 'invalid_request', 'invalid_request'], sent);
      assert.deepEqual(
        (body['errors'] as { field: string }[]).map((one) => one.field),
        [field],
      );
    }
  });

  it('where it is used: outside its addresses it is not active; without one, they are told', async () => {
    const { secret } = await tokenFor(portal, 'acme/uma', { allowedIps: '10.0.0.0/8\n192.0.2.1' });
    const at = async (ip: string) => (await asks.post('/introspect', `token=${secret}&ip=${ip}`)).body;
    assert.deepEqual(await at('198.51.100.1'), { active: false });
    assert.equal((await at('10.1.1.1'))['active'], true);
    const { body } = await introspect(secret);
    assert.deepEqual([body['active'], body['allowed_ips']], [true, ['10.0.0.0/8', '192.0.2.1']]);
    const { secret: listed } = await tokenFor(portal, 'acme/uma', {
      allowedIps: SPELLINGS.map(([, one]) => one).join('\n'),
    });
    for (const [spelt] of SPELLINGS) {
      const answer = await asks.post('/introspect', `token=${listed}&ip=${encodeURIComponent(spelt)}`);
      assert.equal(answer.body['active'], true, spelt);
      assert.deepEqual(await at(encodeURIComponent(spelt)), { active: false }, spelt);
    }
    const other = await tokenFor(portal, 'acme/uma');
    await setPolicy(portal, 'acme', { allowedIps: '127.0.0.0/8\n::1' });
    assert.deepEqual((await asks.post('/introspect', `token=${other.secret}&ip=198.51.100.1`)).body, { active: false });
    assert.deepEqual((await introspect(other.secret)).body['organization_ips'], ['127.0.0.0/8', '::1']);
  });

  it('and that is a use of the credential, from the address that was named', async () => {
    const { secret } = await tokenFor(portal, 'acme/uma');
    await asks.post('/introspect', `token=${secret}&ip=198.51.100.1`);
    const row = await ApiCredential.findOne({ where: { userId: portal.idOf('acme/uma') }, rejectOnEmpty: true });
    assert.deepEqual([row.lastUsedAt === null, row.lastUsedIp], [false, '198.51.100.1']);
  });

  it('in a form, with one token', async () => {
    const { secret } = await tokenFor(portal, 'acme/uma');
    assert.equal((await asks.post('/introspect', { token: secret })).status, 415);
    for (const form of ['', 'token=', `token=${secret}&token=${secret}`]) {
      assert.equal(
        (await asks.send('post', '/introspect', form, { 'Content-Type': 'application/x-www-form-urlencoded' })).status,
        400,
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

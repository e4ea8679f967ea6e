import assert from 'node:assert/strict';
import type { z } from 'zod';
import { Passkey } from '#models/passkey.js';
import { Role } from '#models/role.js';
import type { ApiAccess } from '#server/api/route.js';
import { apiRoutes } from '#server/features/api.js';
import { MINUTE } from '#server/lib/clock.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { freshSshKey, programOf, roleWith, tokenFor } from '../support/programs.js';
import type { Program } from '../support/program.js';
import { wordOf } from '../support/routes.js';
import { userCalled } from '../support/users.js';
import { record } from '#server/trace/record.js';
import { inTransaction } from '#models/transaction.js';

/** Lists that everybody has, of themselves or, with the rights, of the organisation. */
const LISTS = apiRoutes
  .filter(({ method, path, query }) => method === 'get' && 'cursor' in query.shape && !path.includes(':'))
  .map(({ path, access }) => ({ path, access }));

const nameOf = ({ id, event }: Record<string, unknown>): unknown => id ?? event;

describe('A list of the API', () => {
  let portal: Portal;
  let olivia: Program;
  let opal: Program;
  before(async () => {
    portal = await startPortal();
    for (let session = 0; session < 4; session += 1) await portal.signedIn('acme/olivia');
    for (let token = 0; token < 4; token += 1) await tokenFor(portal, 'acme/olivia');
    for (let role = 0; role < 3; role += 1) await roleWith(portal, 'acme', []);
    olivia = await programOf(portal, 'acme/olivia');
    opal = await programOf(portal, 'platform/opal');
    for (let key = 0; key < 3; key += 1) await olivia.post('/me/ssh-keys', { name: 'Key', publicKey: freshSshKey() });
    for (const minLength of [16, 17]) await olivia.put('/security-policy', { minLength });
    for (const who of ['acme/uma', 'acme/umar']) {
      const { body } = await olivia.post('/users/bulk', { action: 'disable', reason: 'x', ids: [portal.idOf(who)] });
      await olivia.post('/users/bulk', { confirmed: body['id'] });
    }
    for (let taken = 0; taken < 2; taken += 1) {
      await olivia.post('/security-log/checkpoints', {});
      await olivia.post('/me/ssh-keys', { name: 'Key', publicKey: freshSshKey() });
    }
    await Role.update({ tokensNeedApproval: true }, { where: { key: 'user' } });
    for (const who of ['acme/robo', 'globex/gina', 'acme/robo']) await tokenFor(portal, who);
    // Not through the pages: a first passkey would end the sessions that are listed here.
    for (let key = 0; key < 3; key += 1) await keepPasskey(`key-${key}`);
  });
  after(() => portal.close());

  async function keepPasskey(credentialId: string): Promise<void> {
    const { id: userId, tenantId } = await userCalled(portal, 'acme/olivia');
    const made = { rpId: 'localhost', userHandle: 'handle', publicKey: 'key', transports: '', aaguid: '', name: 'Key' };
    const ways = { counter: 0, synced: false, backedUp: false, verified: true, signInAlone: false };
    await Passkey.create({ userId, tenantId, credentialId, ...made, ...ways, createdAt: portal.clock.now() });
  }
  beforeEach(() => portal.clock.move(MINUTE));

  const reader = (access: ApiAccess): Program => (wordOf({ access }).startsWith('tenants:') ? opal : olivia);

  it('is every one of these', () => {
    const expected = [
      '/approvals',
      '/me/sessions',
      '/me/tokens',
      '/me/passkeys',
      '/me/ssh-keys',
      '/me/activity',
      '/users',
      '/users/bulk',
      '/credentials',
      '/mail',
      '/notifications',
      '/roles',
      '/security-log',
      '/security-log/checkpoints',
      '/security-policy/history',
      '/tenants',
    ];
    assert.deepEqual(LISTS.map(({ path }) => path).sort(), expected.sort());
  });

  it('and nothing else that answers with rows, so that a program reads them all alike', () => {
    const rows = apiRoutes.filter(({ reply }) => 'data' in ((reply as { shape?: object } | null)?.shape ?? {}));
    assert.ok(rows.length > LISTS.length, `${rows.length} answers with rows`);
    for (const { method, path, query, reply } of rows)
      assert.ok('cursor' in query.shape && 'next' in (reply as z.ZodObject).shape, `${method} ${path}`);
  });

  for (const { path, access } of LISTS) {
    it(`${path} gives the same rows one at a time as all at once, each once, in the same order`, async () => {
      const program = reader(access);
      const whole = await program.all(`${path}?limit=200`);
      assert.ok(whole.length >= 2, `${whole.length} rows`);
      const single = await program.all(`${path}?limit=1`);
      // Reading a page is itself a use of the token, so what tells of that may differ.
      assert.deepEqual(single.map(nameOf), whole.map(nameOf));
      assert.equal(new Set(whole.map(nameOf)).size, whole.length);
      const { body } = await program.get(path);
      assert.ok((body['data'] as unknown[]).length <= 50);
      portal.clock.move(MINUTE);
    });

    it(`${path} takes a limit from 1 to 200, and no other cursor than its own`, async () => {
      const program = reader(access);
      for (const limit of ['0', '201', '-1', '1.5', 'all', '', '1e9', '9'.repeat(400)])
        assert.equal((await program.get(`${path}?limit=${limit}`)).status, 422, limit);
      const { body } = await program.get(`${path}?limit=1`);
      for (const cursor of [
        'x',
        'null',
        '%00',
        'a.b.c',
        Buffer.from('["x"]').toString('base64url'),
        String(body['next']).slice(0, -8),
        (await olivia.get(path === '/roles' ? '/me/tokens?limit=1' : '/roles?limit=1')).body['next'],
      ]) {
        const { status, body: problem } = await program.get(`${path}?cursor=${String(cursor)}`);
        assert.equal(status, 422, String(cursor));
        assert.deepEqual(
          (problem['errors'] as { field: string }[]).map(({ field }) => field),
          ['cursor'],
        );
      }
    });
  }

  it('has a cursor that names nobody, and is worth nothing in another organisation', async () => {
    const { body } = await olivia.get('/users?limit=1&sort=email');
    const next = String(body['next']);
    const [row] = body['data'] as { email: string; name: string; id: string }[];
    for (const part of next.split('.')) {
      for (const word of [row!.email, row!.name.toLowerCase(), row!.id])
        assert.ok(!Buffer.from(part, 'base64url').toString('latin1').includes(word));
    }
    const oscar = await programOf(portal, 'globex/oscar');
    assert.equal((await oscar.get(`/users?limit=1&sort=email&cursor=${next}`)).status, 422);
    assert.equal((await olivia.get(`/users?limit=1&sort=name&cursor=${next}`)).status, 422);
  });

  it('goes on where it was, when what the cursor stood on has gone', async () => {
    const adam = await programOf(portal, 'acme/adam');
    const roleId = (await adam.all('/roles')).find(({ key }) => key === 'user')!['id'];
    for (const letter of ['a', 'b', 'c', 'd']) {
      assert.equal(
        (
          await adam.post('/users', {
            username: `zz-${letter}`,
            name: `Zz ${letter}`,
            email: `zz-${letter}@acme.example`,
            roleIds: [roleId],
          })
        ).status,
        201,
      );
    }
    const first = await adam.get('/users?q=zz&limit=2');
    const [one, two] = first.body['data'] as { id: string }[];
    for (const { id } of [one!, two!]) assert.equal((await adam.delete(`/users/${id}`)).status, 204);
    const { body } = await adam.get(`/users?q=zz&limit=2&cursor=${String(first.body['next'])}`);
    assert.deepEqual(
      (body['data'] as { username: string }[]).map(({ username }) => username),
      ['zz-c', 'zz-d'],
    );
    assert.equal(body['next'], null);
  });

  it('tells of the security log what its page does, by the same filters', async () => {
    const context = await contextIn(portal, 'acme');
    const uma = portal.idOf('acme/uma');
    await inTransaction(() =>
      record(
        { ...context, ip: '203.0.113.77' },
        {
          event: 'user.disabled',
          target: { type: 'user', id: uma },
          details: { status: { from: 'active', to: 'disabled' } },
        },
      ),
    );
    const [row] = await olivia.all('/security-log?event=user.disabled');
    assert.deepEqual(
      [row!['event'], row!['level'], row!['door'], row!['ip']],
      ['user.disabled', 'high', 'cli', '203.0.113.77'],
    );
    assert.deepEqual(row!['target'], { type: 'user', id: uma });
    assert.deepEqual(row!['details'], { status: { from: 'active', to: 'disabled' } });
    assert.equal(row!['actor'], null);
    for (const [query, found] of [
      [`actor=uma&event=user.disabled`, 1],
      [`actor=uma@acme.example&event=user.disabled`, 1],
      [`actor=${uma}&level=high`, 1],
      ['actor=umar&event=user.disabled', 0],
      ['actor=nobody', 0],
      ['q=203.0.113.77', 1],
      ['q=disabled&level=high', 1],
      [`from=${new Date(portal.clock.now() + MINUTE).toISOString()}`, 0],
      ['to=2020-01-01T00:00:00Z', 0],
    ] as const) {
      assert.equal((await olivia.all(`/security-log?${query}`)).length, found, query);
    }
    const newest = await olivia.all('/security-log?limit=7');
    const oldest = await olivia.all('/security-log?limit=7&sort=oldest');
    assert.deepEqual(
      oldest.reverse().map(({ seq }) => seq),
      newest.map(({ seq }) => seq),
    );
    for (const query of ['event=nothing', 'level=top', 'from=yesterday', 'sort=level'])
      assert.equal((await olivia.get(`/security-log?${query}`)).status, 422, query);
    assert.ok(
      !(await (await programOf(portal, 'globex/oscar')).all('/security-log')).some(({ id }) => id === row!['id']),
    );
  });
});

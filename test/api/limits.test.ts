import assert from 'node:assert/strict';
import supertest from 'supertest';
import { ApiCredential } from '#models/api-credential.js';
import { ApiCredentialAddress } from '#models/api-credential-address.js';
import { ApiCredentialSecret } from '#models/api-credential-secret.js';
import { newApiSecret } from '#server/lib/api-secret.js';
import { MINUTE, SECOND } from '#server/lib/clock.js';
import { startPortal, type Portal } from '../support/portal.js';
import { watchStatements } from '../support/statements.js';
import { bearer, generateFor, programOf, tokenFor, withBasic } from '../support/programs.js';
import { Program } from '../support/program.js';

describe('How often a program may call, and what a call costs', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  it('Each credential has 600 calls a minute of its own, and every answer says how many are left', async () => {
    const one = await programOf(portal, 'acme/uma');
    const other = await programOf(portal, 'acme/uma');
    for (let call = 1; call <= 600; call += 1) {
      const { status, headers } = await one.get('/me');
      assert.equal(status, 200);
      if (call % 100 === 0)
        assert.deepEqual([headers['ratelimit-limit'], headers['ratelimit-remaining']], ['600', String(600 - call)]);
    }
    const { status, code, headers } = await one.get('/me');
    assert.deepEqual([status, code, headers['ratelimit-remaining']], [429, 'too_many_requests', '0']);
    assert.ok(Number(headers['retry-after']) <= 60 && Number(headers['retry-after']) > 0);
    assert.equal(headers['ratelimit-reset'], headers['retry-after']);
    assert.equal(headers['ratelimit-policy'], '"credential";q=600;w=60');
    assert.equal(headers['ratelimit'], `"credential";r=0;t=${headers['retry-after']}`);
    assert.equal((await other.get('/me')).status, 200);
    portal.clock.move(MINUTE);
    assert.equal((await one.get('/me')).status, 200);
  }).timeout(60_000);

  it('Without a good credential there are 60 a minute for an address; who has one goes on', async () => {
    const strangers = [
      new Program(portal),
      bearer(portal, newApiSecret('token').text),
      bearer(portal, 'nonsense'),
      withBasic(portal, 'acme/uma', newApiSecret('password').text),
    ];
    for (let call = 0; call < 60; call += 1) {
      const { status, headers } = await strangers[call % strangers.length]!.get('/me');
      assert.equal(status, 401);
      assert.deepEqual([headers['ratelimit-limit'], headers['ratelimit-remaining']], ['60', String(59 - call)]);
    }
    for (const stranger of strangers) assert.equal((await stranger.get('/me')).status, 429);
    assert.equal((await strangers[0]!.post('/credentials/leaked', { tokens: [] })).status, 429);
    assert.equal((await strangers[0]!.get('/no/such/call')).status, 429);
    assert.equal((await (await programOf(portal, 'acme/uma')).get('/me')).status, 200);
    portal.clock.move(MINUTE);
    assert.equal((await strangers[0]!.get('/me')).status, 401);
  });

  it('To ask which methods there are counts too', async () => {
    for (const [path, status] of [
      ['/api/v1/me', 204],
      ['/api/v1/no/such/call', 404],
    ] as const) {
      const { statusCode, headers } = await supertest(portal.app).options(path);
      assert.deepEqual([statusCode, headers['ratelimit-limit']], [status, '60'], path);
    }
    assert.equal((await supertest(portal.app).options('/api/v1/me')).headers['ratelimit-remaining'], '57');
  });

  it('A program with an old key shuts nobody out of the sign-in page', async () => {
    const old = bearer(portal, newApiSecret('key').text);
    for (let call = 0; call < 30; call += 1) await old.get('/me');
    await portal.signedIn('acme/uma');
  });

  it('A call with a token or a key reads the database once before it is let in', async () => {
    const programs = [
      await programOf(portal, 'acme/uma'),
      bearer(portal, await generateFor(portal, 'acme/uma', 'key')),
      withBasic(portal, 'acme/uma', await generateFor(portal, 'acme/uma', 'password')),
    ];
    for (const program of programs) await program.get('/me');
    const { reads, queries } = watchStatements(portal);
    for (const program of programs) {
      reads.length = 0;
      queries.length = 0;
      assert.equal((await program.get('/me')).status, 200);
      assert.equal(reads.length, 1, reads.join('\n---\n'));
      // On PostgreSQL that one read goes by Sequelize.
      assert.ok(queries.length <= 1, queries.join('\n---\n'));
    }
  });

  it('The last use is written once a minute, however often it is used, and however many come at once', async () => {
    const { id, secret } = await tokenFor(portal, 'acme/uma');
    const program = bearer(portal, secret);
    const { written } = watchStatements(portal);
    const writes = (): number => written.filter((sql) => sql.includes('UPDATE api_credentials ')).length;
    await Promise.all(Array.from({ length: 10 }, () => program.get('/me')));
    for (let call = 0; call < 5; call += 1) await program.get('/me');
    assert.equal(writes(), 1);
    const first = (await ApiCredential.findByPk(id))?.lastUsedAt;
    portal.clock.move(59 * SECOND);
    await program.get('/me');
    assert.equal(writes(), 1);
    portal.clock.move(2 * SECOND);
    await Promise.all([program.get('/me'), program.get('/me'), program.get('/me')]);
    assert.equal(writes(), 2);
    assert.ok(((await ApiCredential.findByPk(id))?.lastUsedAt ?? 0) > (first ?? 0));
  });

  it('The page of a token has when and from where it was last used', async () => {
    const { id, secret } = await tokenFor(portal, 'acme/uma');
    await bearer(portal, secret).get('/me');
    const row = await ApiCredential.findByPk(id, { rejectOnEmpty: true });
    assert.ok(Math.abs((row.lastUsedAt ?? 0) - portal.clock.now()) < MINUTE);
    assert.match(row.lastUsedIp ?? '', /^(127\.0\.0\.1|::1)$/);
    assert.equal(await ApiCredentialAddress.count({ where: { credentialId: id } }), 1);
    const secrets = await ApiCredentialSecret.findAll({ where: { credentialId: id } });
    assert.deepEqual(
      secrets.map(({ lastUsedAt }) => lastUsedAt),
      [row.lastUsedAt],
    );
  });

  it('What a refused call sends is not read, and it changes nothing', async () => {
    const { status } = await new Program(portal).post('/me/ssh-keys', 'x'.repeat(1000));
    assert.equal(status, 401);
  });
});

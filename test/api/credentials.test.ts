import assert from 'node:assert/strict';
import { ApiCredentialSecret } from '#models/api-credential-secret.js';
import { ApiCredential } from '#models/api-credential.js';
import { newId } from '#models/columns.js';
import { User } from '#models/user.js';
import { DAY } from '#server/lib/clock.js';
import { logged } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { bearer, generateFor, programOf, tokenFor } from '../support/programs.js';
import type { Program } from '../support/program.js';
import { enrol, setPolicy } from '../support/second-factor.js';

describe('A program of an admin and the credentials of the organisation', () => {
  let portal: Portal;
  let adam: Program;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await programOf(portal, 'acme/adam');
  });
  afterEach(() => portal.close());

  const ids = async (path: string): Promise<unknown[]> => (await adam.all(path)).map(({ id }) => id);

  it('lists all that work, with owner, last use and state, and never a secret', async () => {
    const { id, secret } = await tokenFor(portal, 'acme/uma', { scopes: ['tokens:create'] });
    await generateFor(portal, 'acme/umar', 'password');
    await tokenFor(portal, 'globex/gina');
    await bearer(portal, secret).get('/me');
    const all = await adam.all('/credentials');
    assert.deepEqual(all.map(({ kind, owner }) => `${String(kind)} of ${(owner as User).username}`).sort(), [
      'password of umar',
      'token of adam',
      'token of uma',
    ]);
    const one = (await adam.get(`/credentials/${id}`)).body;
    assert.deepEqual(
      all.find((row) => row['id'] === id),
      one,
    );
    assert.deepEqual(
      [one['role'], one['scopes'], one['state'], one['overPolicy']],
      ['User', ['tokens:create'], 'active', false],
    );
    assert.notEqual(one['lastUsedAt'], null);
    assert.deepEqual(one['owner'], {
      id: portal.idOf('acme/uma'),
      kind: 'person',
      username: 'uma',
      name: 'Uma Ndiaye',
      status: 'active',
      twoFactor: 'disabled',
    });
    for (const path of ['/credentials', `/credentials/${id}`, `/users/${portal.idOf('acme/uma')}/credentials`]) {
      const { text } = await adam.get(path);
      assert.ok(!text.includes(secret.slice(17)) && !/hash/i.test(text), path);
    }
  });

  it('leaves out what has expired or was revoked', async () => {
    const { id } = await tokenFor(portal, 'acme/uma', { months: 1 });
    const other = await tokenFor(portal, 'acme/uma', { months: 2 });
    assert.equal((await adam.delete(`/credentials/${other.id}`)).status, 204);
    assert.ok((await ids('/credentials')).includes(id) && !(await ids('/credentials')).includes(other.id));
    portal.clock.move(31 * DAY);
    assert.ok(!(await ids('/credentials')).includes(id));
    assert.equal((await adam.get(`/credentials/${id}`)).body['state'], 'expired');
    assert.equal((await adam.get(`/credentials/${other.id}`)).body['state'], 'revoked');
  });

  it('finds them by kind, by owner, the idle, the expiring, those over the policy, those of people without a second factor', async () => {
    adam = bearer(portal, await generateFor(portal, 'acme/adam', 'key'));
    const long = await tokenFor(portal, 'acme/uma', { months: 12 });
    const short = await tokenFor(portal, 'acme/umar', { months: 4 });
    await generateFor(portal, 'acme/umar', 'key');
    assert.deepEqual((await adam.all('/credentials?kind=key')).map(({ owner }) => (owner as User).username).sort(), [
      'adam',
      'umar',
    ]);
    assert.deepEqual(await ids(`/credentials?user=${portal.idOf('acme/uma')}`), [long.id]);
    assert.deepEqual(await ids(`/credentials?user=${newId()}`), []);
    assert.deepEqual(await ids('/credentials?unused=true'), []);
    assert.deepEqual(await ids('/credentials?overPolicy=true'), []);
    await setPolicy(portal, 'acme', { tokenMaxMonths: 6 });
    assert.deepEqual(await ids('/credentials?overPolicy=yes&kind=token'), [long.id]);
    assert.equal((await ids('/credentials?overPolicy=yes&kind=key')).length, 2);
    assert.equal((await adam.get(`/credentials/${long.id}`)).body['overPolicy'], true);
    assert.deepEqual(await ids('/credentials?expiring=true'), []);
    portal.clock.move(89 * DAY);
    await bearer(portal, long.secret).get('/me');
    assert.deepEqual(await ids('/credentials?unused=true&kind=token'), []);
    portal.clock.move(2 * DAY);
    const idle = await ids('/credentials?unused=true&kind=token');
    assert.ok(idle.includes(short.id) && !idle.includes(long.id));
    const expires = Date.parse(String((await adam.get(`/credentials/${short.id}`)).body['expiresAt']));
    portal.clock.move(expires - 13 * DAY - portal.clock.now());
    assert.deepEqual(
      (await ids('/credentials?expiring=true')).filter((id) => id === short.id || id === long.id),
      [short.id],
    );
    await enrol(portal, 'acme/uma');
    const bare = await ids('/credentials?ownerWithoutTwoFactor=true');
    assert.ok(bare.includes(short.id) && !bare.includes(long.id));
    for (const query of ['kind=ssh', 'user=uma', 'unused=false', 'unused=90'])
      assert.equal((await adam.get(`/credentials?${query}`)).status, 422, query);
  });

  it('revokes one: it is dead at once, its owner is told by whom, and the log has it', async () => {
    const { id, secret } = await tokenFor(portal, 'acme/uma');
    assert.equal((await adam.delete(`/credentials/${id}`)).status, 204);
    assert.equal((await bearer(portal, secret).get('/me')).code, 'token_revoked');
    const mail = await portal.inbox.newestTo('uma@acme.example');
    assert.match(mail.subject, /was revoked/);
    assert.match(mail.text, /Adam [A-Z]\w+ has revoked[\s\S]*the API token “Token \d+”/);
    assert.equal((await logged(portal, 'acme', 'api-credential.revoked')).length, 1);
    assert.equal((await adam.delete(`/credentials/${id}`)).status, 404, 'A second time there is nothing to revoke.');
  });

  it('revokes all of somebody', async () => {
    const uma = portal.idOf('acme/uma');
    const secrets = [
      (await tokenFor(portal, 'acme/uma')).secret,
      (await tokenFor(portal, 'acme/uma')).secret,
      await generateFor(portal, 'acme/uma', 'key'),
    ];
    assert.equal((await adam.all(`/users/${uma}/credentials`)).length, 3);
    assert.equal((await adam.delete(`/users/${uma}/credentials`)).status, 204);
    for (const secret of secrets) assert.equal((await bearer(portal, secret).get('/me')).code, 'token_revoked');
    assert.deepEqual(await adam.all(`/users/${uma}/credentials`), []);
    assert.match(
      (await portal.inbox.newestTo('uma@acme.example')).text,
      /the API token .*, the API token .*, the API key|the API key/,
    );
    assert.equal(
      (await adam.delete(`/users/${uma}/credentials`)).status,
      204,
      'None is left, and that is what was asked for.',
    );
  });

  it('never of somebody who may do more', async () => {
    const { id, secret } = await tokenFor(portal, 'acme/olivia');
    for (const path of [`/credentials/${id}`, `/users/${portal.idOf('acme/olivia')}/credentials`]) {
      const { status, code } = await adam.delete(path);
      assert.deepEqual([status, code], [403, 'forbidden']);
    }
    assert.equal((await bearer(portal, secret).get('/me')).status, 200);
    assert.equal((await ApiCredential.findByPk(id))?.revokedAt, null);
  });

  it('nor of another organisation, which looks as if there were none', async () => {
    const { id } = await tokenFor(portal, 'globex/gina');
    assert.equal((await adam.get(`/credentials/${id}`)).status, 404);
    assert.equal((await adam.delete(`/credentials/${id}`)).status, 404);
    assert.deepEqual(await ids(`/credentials?user=${portal.idOf('globex/gina')}`), []);
  });

  it('of two that revoke the same at once, one does', async () => {
    const { id } = await tokenFor(portal, 'acme/uma');
    const statuses = (await Promise.all([1, 2, 3, 4].map(() => adam.delete(`/credentials/${id}`)))).map(
      ({ status }) => status,
    );
    assert.deepEqual(statuses.sort(), [204, 404, 404, 404]);
    assert.equal((await logged(portal, 'acme', 'api-credential.revoked')).length, 1);
  });

  it('finds a rare one among many by and by, and says with each page where to go on', async () => {
    const { tenantId } = await User.findByPk(portal.idOf('acme/umar'), { rejectOnEmpty: true });
    const now = portal.clock.now();
    const rows = Array.from({ length: 12_000 }, (_, index) => ({
      id: newId(),
      tenantId,
      userId: portal.idOf('acme/umar'),
      kind: 'token' as const,
      name: `Old ${index}`,
      months: 1,
      createdAt: now - index - 1,
      expiresAt: now + 30 * DAY,
    }));
    await ApiCredential.bulkCreate(rows);
    await ApiCredentialSecret.bulkCreate(
      rows.slice(0, 5).map(({ id }, index) => ({
        publicId: `bulk${String(index).padStart(8, '0')}`,
        tenantId,
        credentialId: id,
        secretHash: 'x'.repeat(64),
        createdAt: now,
      })),
    );
    await enrol(portal, 'acme/umar');
    const uma = await tokenFor(portal, 'acme/uma');
    await ApiCredential.update({ createdAt: now - 100_000 }, { where: { id: uma.id } });
    const { body } = await adam.get('/credentials?ownerWithoutTwoFactor=true');
    assert.ok((body['data'] as unknown[]).length < 3 && body['next'] !== null);
    assert.ok((await ids('/credentials?ownerWithoutTwoFactor=true')).includes(uma.id));
    assert.equal((await ids('/credentials?limit=200&kind=token')).length, 12_002);
  }).timeout(60_000);
});

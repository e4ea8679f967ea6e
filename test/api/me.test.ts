import assert from 'node:assert/strict';
import { MINUTE, DAY } from '#server/lib/clock.js';
import { logged } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { bearer, freshSshKey, programOf, tokenFor } from '../support/programs.js';
import type { Program } from '../support/program.js';
import { isSignedIn } from '../support/second-factor.js';

describe('A program looks after its owner', () => {
  let portal: Portal;
  let uma: Program;
  let umar: Program;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await programOf(portal, 'acme/uma');
    umar = await programOf(portal, 'acme/umar');
  });
  afterEach(() => portal.close());

  it('sees who it is, and what it may do', async () => {
    const { body } = await uma.get('/me');
    assert.equal(body['id'], portal.idOf('acme/uma'));
    assert.deepEqual(
      [body['username'], body['name'], body['email'], body['twoFactor']],
      ['uma', 'Uma Ndiaye', 'uma@acme.example', 'disabled'],
    );
    assert.equal((body['organization'] as { slug: string }).slug, 'acme');
    assert.deepEqual([body['roles'], body['permissions']], [['User'], ['tokens:create']]);
  });

  it('changes name, language, time zone and theme, each alone or together, and the log has it', async () => {
    assert.equal((await uma.patch('/me', { timeZone: 'Europe/Berlin' })).body['timeZone'], 'Europe/Berlin');
    const { body } = await uma.patch('/me', { name: 'Uma N.', locale: 'de', theme: 'dark' });
    assert.deepEqual(
      [body['name'], body['locale'], body['theme'], body['timeZone']],
      ['Uma N.', 'de', 'dark', 'Europe/Berlin'],
    );
    assert.deepEqual((await uma.get('/me')).body, body);
    assert.equal((await uma.patch('/me', {})).status, 200);
    const events = await logged(portal, 'acme', 'profile.changed');
    assert.equal(events.length, 2);
    assert.match(String(events[0]?.['details']), /"by":"API token"/);
    for (const wrong of [{ timeZone: 'Mars/Olympus' }, { locale: 'tlh' }, { theme: 'pink' }, { name: '' }])
      assert.equal((await uma.patch('/me', wrong)).status, 422);
  });

  it('never its e-mail address, its password, a factor or a credential', async () => {
    for (const field of ['email', 'password', 'newPassword', 'twoFactor', 'roleIds', 'status'])
      assert.equal((await uma.patch('/me', { [field]: 'x' })).status, 422, field);
    for (const path of [
      '/me/tokens',
      '/me/password',
      '/me/two-factor',
      '/me/api-key',
      '/me/api-password',
      '/me/email',
      '/me/recovery-codes',
    ]) {
      for (const method of ['post', 'put', 'patch'] as const)
        assert.equal((await uma.send(method, path, {})).status, path === '/me/tokens' ? 405 : 404, `${method} ${path}`);
    }
  });

  it('lists the browsers its owner is signed in with, and ends them', async () => {
    const [one, two, other] = [
      await portal.signedIn('acme/uma'),
      await portal.signedIn('acme/uma'),
      await portal.signedIn('acme/umar'),
    ];
    const sessions = await uma.all('/me/sessions');
    assert.equal(sessions.length, 2);
    assert.deepEqual([sessions[0]!['browser'], sessions[0]!['os']], ['Firefox 143', 'Linux']);
    assert.deepEqual((await uma.get(`/me/sessions/${String(sessions[0]!['id'])}`)).body, sessions[0]);
    const [foreign] = await umar.all('/me/sessions');
    for (const id of [foreign!['id']]) {
      assert.equal((await uma.get(`/me/sessions/${String(id)}`)).status, 404);
      assert.equal((await uma.delete(`/me/sessions/${String(id)}`)).status, 404);
    }
    assert.equal((await uma.delete(`/me/sessions/${String(sessions[0]!['id'])}`)).status, 204);
    assert.equal(
      (await uma.delete(`/me/sessions/${String(sessions[0]!['id'])}`)).status,
      404,
      'A second time it is over already.',
    );
    assert.deepEqual([await isSignedIn(one), await isSignedIn(two)], [true, false]);
    assert.equal((await uma.delete('/me/sessions')).status, 204);
    assert.deepEqual([await isSignedIn(one), await isSignedIn(other)], [false, true]);
    assert.deepEqual(await uma.all('/me/sessions'), []);
  });

  it('lists the tokens of its owner, never a secret, and revokes them', async () => {
    const { id, secret } = await tokenFor(portal, 'acme/uma', {
      allowedIps: '127.0.0.1 ::1',
      scopes: ['tokens:create'],
    });
    const one = await uma.get(`/me/tokens/${id}`);
    assert.deepEqual(
      [one.body['role'], one.body['scopes'], one.body['allowedIps'], one.body['permissions'], one.body['state']],
      ['User', ['tokens:create'], ['127.0.0.1', '::1'], ['tokens:create'], 'active'],
    );
    assert.ok(secret.startsWith(String(one.body['firstCharacters']).replace('…', '')));
    for (const path of ['/me/tokens', `/me/tokens/${id}`]) {
      const { text } = await uma.get(path);
      assert.ok(!text.includes(secret.slice(17)) && !/hash/i.test(text), path);
    }
    assert.equal((await umar.get(`/me/tokens/${id}`)).status, 404);
    assert.equal((await umar.delete(`/me/tokens/${id}`)).status, 404);
    assert.equal((await bearer(portal, secret).get('/me')).status, 200);
    assert.equal((await uma.delete(`/me/tokens/${id}`)).status, 204);
    assert.equal((await bearer(portal, secret).get('/me')).code, 'token_revoked');
    assert.equal((await uma.get(`/me/tokens/${id}`)).body['state'], 'revoked');
    assert.equal((await uma.delete(`/me/tokens/${id}`)).status, 404);
  });

  it('adds SSH keys, as the page does, and removes them', async () => {
    const publicKey = freshSshKey('uma@laptop');
    const added = await uma.post('/me/ssh-keys', { name: 'Laptop', publicKey });
    assert.equal(added.status, 201);
    assert.deepEqual(
      [added.body['name'], added.body['type'], added.body['bits'], added.body['comment'], added.body['expiresAt']],
      ['Laptop', 'ssh-ed25519', 256, 'uma@laptop', null],
    );
    const id = String(added.body['id']);
    assert.equal(added.headers['location'], `/api/v1/me/ssh-keys/${id}`);
    assert.deepEqual((await uma.get(`/me/ssh-keys/${id}`)).body, { ...added.body });
    assert.equal((await uma.post('/me/ssh-keys', { name: 'Again', publicKey })).status, 422);
    const expiresAt = new Date(portal.clock.now() + DAY).toISOString();
    assert.equal(
      (await uma.post('/me/ssh-keys', { name: 'For a day', publicKey: freshSshKey(), expiresAt })).body['expiresAt'],
      expiresAt,
    );
    for (const wrong of [
      { publicKey: 'x' },
      { publicKey: `${freshSshKey()}\0` },
      { publicKey: freshSshKey(), expiresAt: '2020-01-01T00:00:00Z' },
      { publicKey: freshSshKey(), name: '' },
      { publicKey: freshSshKey(), name: 'a\0b' },
    ]) {
      const { status, body } = await uma.post('/me/ssh-keys', { name: 'Wrong', ...wrong });
      assert.equal(status, 422, JSON.stringify(wrong));
      assert.equal((body['errors'] as { field: string }[])[0]?.field, Object.keys(wrong).at(-1));
    }
    assert.equal((await umar.get(`/me/ssh-keys/${id}`)).status, 404);
    assert.equal((await umar.delete(`/me/ssh-keys/${id}`)).status, 404);
    assert.equal((await uma.delete(`/me/ssh-keys/${id}`)).status, 204);
    assert.equal((await uma.get(`/me/ssh-keys/${id}`)).status, 404);
  });

  it('sees what happened to its owner, newest first, and nothing of others', async () => {
    await portal.signedIn('acme/umar');
    portal.clock.move(MINUTE);
    await uma.patch('/me', { theme: 'dark' });
    const [newest, ...older] = await uma.all('/me/activity?limit=1');
    assert.deepEqual([newest!['event'], newest!['by'], newest!['level']], ['profile.changed', 'you', 'low']);
    assert.ok(older.length > 0);
    const theirs = new Set((await umar.all('/me/activity')).map(({ id }) => id));
    assert.ok(![newest!, ...older].some(({ id }) => theirs.has(id)));
  });
});

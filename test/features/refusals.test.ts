import assert from 'node:assert/strict';
import { MINUTE } from '#server/lib/clock.js';
import { logged } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';

describe('A refusal', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const rows = async (event: string, slug = 'acme') => {
    await portal.services.aside.settled();
    return (await logged(portal, slug, event)).map(
      (row) => JSON.parse(String(row['details'])) as Record<string, string>,
    );
  };

  it('for want of a right stands in the log with what was asked for, once a minute', async () => {
    const uma = await portal.signedIn('acme/uma');
    for (let times = 0; times < 3; times += 1) assert.equal((await uma.get('/admin/users')).status, 403);
    assert.equal((await uma.get('/admin/roles')).status, 403);
    assert.deepEqual((await rows('access.refused')).map(({ route }) => route).sort(), [
      'GET /admin/roles',
      'GET /admin/users',
    ]);
    portal.clock.move(MINUTE + 1);
    await uma.get('/admin/users');
    assert.equal((await rows('access.refused')).length, 3);
    const program = await programOf(portal, 'acme/uma');
    assert.equal((await program.get('/users')).status, 403);
    const refused = await rows('access.refused');
    assert.ok(refused.some(({ route, reason }) => route === 'GET /users' && /users:read/.test(reason ?? '')));
  });

  it('by the guard against forged forms does, too', async () => {
    const uma = await portal.signedIn('acme/uma');
    assert.equal((await uma.post('/profile', { name: 'X', _csrf: 'wrong' })).status, 403);
    assert.equal((await rows('access.refused')).length, 1);
    const visitor = portal.browser();
    assert.equal((await visitor.post('/login', { _csrf: 'wrong' })).status, 403);
    assert.equal((await rows('access.refused', 'platform')).length, 1);
  });

  it('for asking too often does when it begins', async () => {
    const program = await programOf(portal, 'acme/uma');
    for (let call = 0; call < 605; call += 1) await program.get('/me');
    assert.equal((await rows('access.throttled')).length + (await rows('access.throttled', 'platform')).length, 1);
  });
});

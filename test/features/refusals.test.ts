import assert from 'node:assert/strict';
import { Forbidden } from '#server/errors.js';
import { noteRefusal, writeRefusals } from '#server/identity/refusals.js';
import { MINUTE, SECOND } from '#server/lib/clock.js';
import { createServices } from '#server/services.js';
import { writeRepeatsOver } from '#server/trace/repeated.js';
import { contextIn, logged } from '../support/links.js';
import { verdictOn } from '../support/log.js';
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
      (row) => JSON.parse(String(row['details'])) as Record<string, string | number>,
    );
  };

  const minuteOver = async (): Promise<void> => {
    portal.clock.move(MINUTE);
    await portal.services.aside.settled();
    await writeRefusals(portal.services);
    await writeRepeatsOver(portal.services);
  };

  it('for want of a right stands in the log with what was asked for, the first of a minute at once', async () => {
    const uma = await portal.signedIn('acme/uma');
    for (let times = 0; times < 3; times += 1) assert.equal((await uma.get('/admin/users')).status, 403);
    assert.equal((await uma.get('/admin/roles')).status, 403);
    assert.deepEqual((await rows('access.refused')).map(({ route }) => route).sort(), [
      'GET /admin/roles',
      'GET /admin/users',
    ]);
    await minuteOver();
    await uma.get('/admin/users');
    assert.deepEqual(
      (await rows('access.refused')).map(({ times }) => times ?? 1),
      [1, 1, 2, 1],
    );
    const program = await programOf(portal, 'acme/uma');
    assert.equal((await program.get('/users')).status, 403);
    const refused = await rows('access.refused');
    assert.ok(refused.some(({ route, reason }) => route === 'GET /users' && /users:read/.test(String(reason))));
  });

  it('that comes again and again is counted to the last, in each process and at each door, and fills no log', async () => {
    const { config, database, clock, log } = portal.services;
    const other = createServices({ config, database, clock, log });
    const uma = await portal.signedIn('acme/uma');
    const program = await programOf(portal, 'acme/uma');
    const began = portal.clock.now();
    for (let times = 0; times < 7; times += 1) {
      assert.equal((await uma.get('/admin/users')).status, 403);
      assert.equal((await program.get('/users')).status, 403);
      portal.clock.move(SECOND);
    }
    const context = { ...(await contextIn(portal, 'acme')), services: other, door: 'api', ip: '203.0.113.9' } as const;
    for (let times = 0; times < 5; times += 1) noteRefusal(context, 'GET /users', new Forbidden());
    await other.aside.settled();
    assert.equal((await rows('access.refused')).length, 3);
    // The process whose minute is over first does not keep what the other has counted from being written.
    portal.clock.move(MINUTE);
    await writeRepeatsOver(portal.services);
    for (const services of [portal.services, other]) await writeRefusals(services);
    await minuteOver();
    const told = await rows('access.refused');
    assert.deepEqual(told.map(({ times }) => Number(times ?? 1)).sort(), [1, 1, 1, 4, 6, 6]);
    const ofPages = told.find(({ route, times }) => route === 'GET /admin/users' && times !== undefined);
    const [first = 0, last = 0] = [ofPages?.['firstAt'], ofPages?.['lastAt']].map((at) => Date.parse(String(at)));
    assert.ok(first >= began + SECOND && last >= first + 5 * SECOND, 'The first that is counted is the second.');
    assert.equal((await verdictOn(portal, 'acme')).intact, true);
  });

  it('is counted still where it could not be written', async () => {
    const uma = await portal.signedIn('acme/uma');
    for (let times = 0; times < 4; times += 1) await uma.get('/admin/users');
    await portal.services.aside.settled();
    await portal.database.sequelize.query('ALTER TABLE log_repeats RENAME TO away');
    await assert.rejects(writeRefusals(portal.services));
    await portal.database.sequelize.query('ALTER TABLE away RENAME TO log_repeats');
    await uma.get('/admin/users');
    await minuteOver();
    assert.deepEqual(
      (await rows('access.refused')).map(({ times }) => times ?? 1),
      [1, 4],
    );
  });

  it('by the guard against forged forms does, too', async () => {
    const uma = await portal.signedIn('acme/uma');
    assert.equal((await uma.post('/profile', { name: 'X', _csrf: 'wrong' })).status, 403);
    assert.equal((await rows('access.refused')).length, 1);
    const visitor = portal.browser();
    assert.equal((await visitor.post('/login', { _csrf: 'wrong' })).status, 403);
    assert.equal((await rows('access.refused', 'platform')).length, 1);
  });

  it('for asking too often does when it begins, and how often it was asked after that', async () => {
    const program = await programOf(portal, 'acme/uma');
    for (let call = 0; call < 605; call += 1) await program.get('/me');
    const told = async () => [...(await rows('access.throttled')), ...(await rows('access.throttled', 'platform'))];
    assert.equal((await told()).length, 1);
    await minuteOver();
    assert.deepEqual(
      (await told()).map(({ times, reason }) => [times ?? 1, reason]),
      [
        [1, 'Too many requests'],
        [4, 'Too many requests'],
      ],
    );
  });
});

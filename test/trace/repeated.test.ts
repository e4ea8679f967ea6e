import assert from 'node:assert/strict';
import { removeWithAll } from '#models/tenant-removal.js';
import { createServices } from '#server/services.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { recordRepeated, writeRepeatsOver } from '#server/trace/repeated.js';
import { contextIn } from '../support/links.js';
import { rowsOf, verdictOn } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';

const EVENT = 'sign-in.failed';

describe('What fails again and again', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const fail = async (
    { ip = '203.0.113.7', who = 'uma', typed = '', at = portal.services, now = portal.clock.now() } = {},
    reason = 'wrong password',
  ): Promise<void> => {
    const context = await contextIn(portal, 'acme');
    const target = { type: 'user', id: portal.idOf(`acme/${who}`) } as const;
    await recordRepeated(
      { ...context, services: at, ip, now, door: 'web' },
      { event: EVENT, tenantId: context.tenant.id, actorId: null, target, details: { reason } },
      typed,
    );
  };
  const told = async () =>
    (await rowsOf(portal, 'acme'))
      .filter(({ event }) => event === EVENT)
      .map(({ details }) => (JSON.parse(details) as { times?: number }).times ?? 1);
  const over = () => writeRepeatsOver(portal.services);
  const iso = (at: number): string => new Date(at).toISOString();

  it('is one row at once, and one for all that followed in the minute: how many, the first and the last', async () => {
    const began = portal.clock.now();
    for (let times = 0; times < 13; times += 1) await fail({ now: began + times * 1000 });
    assert.deepEqual(await told(), [1]);
    assert.equal(await over(), 0, 'The minute runs still.');
    portal.clock.move(MINUTE);
    assert.equal(await over(), 1);
    assert.equal(await over(), 0);
    assert.deepEqual(await told(), [1, 12]);
    const row = (await rowsOf(portal, 'acme')).at(-1);
    const details = { reason: 'wrong password', times: 12, firstAt: iso(began + 1000), lastAt: iso(began + 12_000) };
    assert.deepEqual(JSON.parse(row?.details ?? ''), details);
    assert.deepEqual([row?.actor_id, row?.target_id], [null, portal.idOf('acme/uma')]);
    assert.deepEqual(await verdictOn(portal, 'acme'), { intact: true, count: (await rowsOf(portal, 'acme')).length });
  });

  it('is written by the next of its kind, too, which begins a new minute', async () => {
    for (const _ of [1, 2, 3]) await fail();
    portal.clock.move(MINUTE);
    for (const _ of [1, 2]) await fail();
    assert.deepEqual(await told(), [1, 2, 1]);
    portal.clock.move(MINUTE);
    await over();
    assert.deepEqual(await told(), [1, 2, 1, 1]);
  });

  it('is apart for each account, address, typed name and reason; the addresses of a /64 are one', async () => {
    const kinds = [{ who: 'umar' }, { ip: '203.0.113.8' }, { ip: '2001:db8::1' }, { typed: 'name' }] as const;
    for (const kind of [{}, ...kinds]) for (const _ of [1, 2]) await fail(kind);
    await fail({}, 'locked');
    await fail({ ip: '2001:db8::ffff' });
    assert.deepEqual(await told(), [1, 1, 1, 1, 1, 1]);
    portal.clock.move(MINUTE);
    await over();
    assert.deepEqual((await told()).slice(6).sort(), [1, 1, 1, 1, 2]);
  });

  it('is counted to the last one by any number of processes, and written once by whoever comes', async () => {
    const { config, database, clock, log } = portal.services;
    const other = createServices({ config, database, clock, log });
    const both = [portal.services, other];
    await Promise.all(Array.from({ length: 30 }, (_none, at) => fail({ at: both[at % 2]! })));
    assert.deepEqual(await told(), [1]);
    portal.clock.move(MINUTE);
    const wrote = await Promise.all([...both.map((one) => writeRepeatsOver(one)), fail(), fail({ at: other })]);
    assert.ok(wrote);
    portal.clock.move(MINUTE);
    await over();
    const all = await told();
    assert.equal(
      all.reduce((sum, times) => sum + times, 0),
      32,
    );
    assert.deepEqual(
      all.sort((one, two) => one - two),
      [1, 1, 1, 29],
    );
    assert.equal((await verdictOn(portal, 'acme')).intact, true);
  });

  it('is still counted where the writing fails, and is told of an organisation that is gone', async () => {
    for (const _ of [1, 2, 3]) await fail();
    portal.clock.move(MINUTE);
    await portal.database.sequelize.query('ALTER TABLE security_events RENAME TO away');
    await assert.rejects(over);
    await portal.database.sequelize.query('ALTER TABLE away RENAME TO security_events');
    assert.deepEqual(await told(), [1]);
    const { tenant } = await contextIn(portal, 'acme');
    const read = () =>
      portal.database.read(`SELECT details FROM security_events WHERE tenant_id = $1 AND event = $2`, [
        tenant.id,
        EVENT,
      ]);
    await removeWithAll(tenant.id);
    assert.equal(await over(), 1);
    assert.equal((await read()).length, 2);
  });

  it('counts as often as it happened: in the days of the log', async () => {
    for (let times = 0; times < 8; times += 1) await fail();
    portal.clock.move(MINUTE);
    await over();
    const [day] = await portal.database.read(
      'SELECT SUM(happened) AS happened FROM security_event_days WHERE event = $1 AND day >= $2',
      [EVENT, Math.floor(portal.clock.now() / DAY) - 1],
    );
    assert.equal(Number(day?.['happened']), 8);
  });
});

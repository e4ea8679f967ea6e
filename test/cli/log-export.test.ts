import assert from 'node:assert/strict';
import { SecurityEvent } from '#models/security-event.js';
import { Tenant } from '#models/tenant.js';
import { demonstration, type Installation } from '../support/installation.js';

type Line = { seq: number; event: string; level: string; at: string; door: string };

describe('The security log as a file, from the command line', () => {
  let here: Installation;
  before(async () => {
    here = await demonstration();
  });
  after(() => here.remove());
  const lines = async (...args: string[]): Promise<Line[]> =>
    (await here.done('log', 'export', 'acme', ...args))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);

  it('has every row, in either order and form, and is a row itself', async () => {
    const all = await lines();
    await here.look(async () => {
      const { id: tenantId } = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
      assert.equal(all.length, await SecurityEvent.count({ where: { tenantId } }));
      const taken = await SecurityEvent.findAll({ where: { tenantId, event: 'log.exported' } });
      assert.deepEqual(
        taken.map(({ door }) => door),
        ['cli'],
      );
    });
    const oldest = await lines('--oldest-first');
    assert.deepEqual(
      oldest.map(({ at }) => at),
      oldest.map(({ at }) => at).toSorted(),
    );
    const csv = await here.done('log', 'export', 'acme', '--format', 'csv');
    assert.match(csv, /^row,time,event,what,level,door,/);
    assert.equal(csv.trim().split('\r\n').length, oldest.length + 2);
  });

  it('has what the filters find', async () => {
    const all = await lines('--oldest-first');
    const high = await lines('--level', 'high');
    assert.ok(high.length > 0 && high.length < all.length && high.every(({ level }) => level === 'high'));
    const [first] = all;
    assert.ok(first);
    assert.ok((await lines('--event', first.event)).every(({ event }) => event === first.event));
    assert.deepEqual(
      (await lines('--to', all[1]?.at ?? '')).map(({ seq }) => seq),
      all.filter(({ at }) => at < (all[1]?.at ?? '')).map(({ seq }) => seq),
    );
    assert.ok((await lines('--door', 'cli')).every(({ door }) => door === 'cli'));
    assert.ok((await lines('--actor', 'uma')).length < all.length);
    assert.ok((await lines('--search', 'Uma')).length < all.length);
  });

  it('is never an empty one in place of a refusal', async () => {
    for (const [args, code] of [
      [['acme', '--actor', 'nobody'], 1],
      [['acme', '--from', 'yesterday'], 1],
      [['acme', '--event', 'no.such'], 1],
      [['nowhere'], 1],
      [['acme', '--level', 'severe'], 2],
      [['acme', '--format', 'xml'], 2],
    ] as const) {
      const answer = await here.run(['log', 'export', ...args]);
      assert.deepEqual([answer.code, answer.stdout], [code, ''], args.join(' '));
      if (code === 1) assert.match(answer.stderr, /^[^\n]+\n$/);
    }
  });
});

import assert from 'node:assert/strict';
import {
  clearThrottles,
  countThrottle,
  lookAtThrottle,
  punishThrottle,
  purgeThrottles,
  type Limit,
} from '#models/throttle.js';
import { clearCounters } from '../support/database.js';
import { startPortal, type Portal } from '../support/portal.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const LIMIT: Limit = { failures: 5, windowMs: 24 * HOUR, blockMs: 5 * MINUTE, longestBlockMs: HOUR };

describe('Counters of failures', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal({ demo: false });
  });
  after(() => portal.close());

  const punish = (key: string, now: number) => punishThrottle(portal.database, key, LIMIT, now);
  const look = (key: string, now: number) => lookAtThrottle(portal.database, key, now);

  /** Fails until a block begins; gives how many tries that took, and how long the block is. */
  async function failUntilBlocked(key: string, now: number): Promise<{ tries: number; minutes: number }> {
    for (let tries = 1; ; tries += 1) {
      const { points, blockedUntil } = await punish(key, now);
      if (points === 0) return { tries, minutes: (blockedUntil - now) / MINUTE };
    }
  }

  it('Five failures block for 5 minutes, five more for 10, then 20, 40, 60, and never longer', async () => {
    let now = Date.now();
    const blocks: number[] = [];
    for (let round = 0; round < 14; round += 1) {
      const { tries, minutes } = await failUntilBlocked('doubling', now);
      assert.equal(tries, 5);
      assert.equal((await look('doubling', now + minutes * MINUTE - 1)).blockedUntil, now + minutes * MINUTE);
      now += minutes * MINUTE;
      assert.equal((await look('doubling', now)).blockedUntil, 0, 'Over to the millisecond.');
      blocks.push(minutes);
    }
    assert.deepEqual(blocks, [5, 10, 20, 40, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60]);
  });

  it('A day without a failure forgets them all', async () => {
    let now = Date.now();
    await failUntilBlocked('forgotten', now);
    for (let tries = 0; tries < 4; tries += 1) await punish('forgotten', (now += HOUR));
    now += 24 * HOUR;
    assert.deepEqual(await look('forgotten', now), { points: 0, windowEndsAt: 0, blockedUntil: 0 });
    assert.deepEqual(await failUntilBlocked('forgotten', now), { tries: 5, minutes: 5 });
  });

  it('Of failures at the same moment none is lost, and exactly one caller sees the block begin', async () => {
    const now = Date.now();
    const counted = await Promise.all(
      Array.from({ length: 20 }, () => countThrottle(portal.database, 'parallel', MINUTE, now)),
    );
    assert.deepEqual(
      counted.map(({ points }) => points).sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    const punished = await Promise.all(Array.from({ length: 5 }, () => punish('parallel-block', now)));
    assert.equal(punished.filter(({ points }) => points === 0).length, 1);
  });

  it('Of many who fail at the same moment the first few are a block; the rest neither lengthen it nor begin another', async () => {
    for (const failures of [2, 5]) {
      const now = Date.now();
      const key = `crowd-${failures}`;
      const crowd = await Promise.all(
        Array.from({ length: 30 }, () => punishThrottle(portal.database, key, { ...LIMIT, failures }, now)),
      );
      assert.equal(crowd.filter(({ points }) => points === 0).length, 1);
      assert.equal(crowd.filter(({ blockedUntil }) => blockedUntil === 0).length, failures - 1);
      assert.equal((await look(key, now)).blockedUntil, now + 5 * MINUTE);
    }
  });

  it('A fixed window counts what fell into it, and then begins anew', async () => {
    const now = Date.now();
    for (let index = 1; index <= 3; index += 1)
      assert.equal((await countThrottle(portal.database, 'window', MINUTE, now + index)).points, index);
    assert.equal((await look('window', now + MINUTE)).points, 3);
    assert.equal((await look('window', now + MINUTE + 1)).points, 0);
    assert.equal((await countThrottle(portal.database, 'window', MINUTE, now + MINUTE + 1)).points, 1);
  });

  it('What was counted while the clock was ahead is over in its time from now on, and nothing of it is forgiven', async () => {
    const now = Date.now();
    const ahead = now + 100 * HOUR;
    for (let points = 1; points <= 3; points += 1) await countThrottle(portal.database, 'ahead', MINUTE, ahead);
    await failUntilBlocked('ahead-block', ahead);
    const { points, windowEndsAt } = await countThrottle(portal.database, 'ahead', MINUTE, now);
    assert.deepEqual([points, windowEndsAt], [4, now + MINUTE]);
    assert.equal((await look('ahead-block', now)).blockedUntil, 0);
    assert.equal((await failUntilBlocked('ahead-block', now)).minutes, 10, 'The one before is remembered.');
    assert.equal((await look('ahead-block', now)).blockedUntil, now + 10 * MINUTE);
  });

  it('To forget one forgets those below it, and none beside it', async () => {
    const now = Date.now();
    const keys = [
      'account/1',
      'account/1/browser',
      'account/1/signed-in',
      'account/11',
      'account/1-x',
      'account/1.x',
      'account/2',
      'account',
    ];
    for (const key of keys) await punish(key, now);
    await clearThrottles(portal.database, 'account/1');
    const left = [];
    for (const key of keys) if ((await look(key, now)).points > 0) left.push(key);
    assert.deepEqual(left, ['account/11', 'account/1-x', 'account/1.x', 'account/2', 'account']);
  });

  it('What says nothing any more is removed, and a running block is not', async () => {
    const now = Date.now();
    await clearCounters(portal.database);
    await punish('old', now - 30 * HOUR);
    await failUntilBlocked('blocked', now);
    await purgeThrottles(portal.database, now);
    const rows = await portal.database.read('SELECT key FROM throttles', []);
    assert.deepEqual(
      rows.map(({ key }) => key),
      ['blocked'],
    );
  });
});

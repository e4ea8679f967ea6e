import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createFairQueue, type FairQueue } from '#server/lib/fair-queue.js';

const drained = <T>(queue: FairQueue<T>): T[] => {
  const out: T[] = [];
  for (let one = queue.next(); one !== undefined; one = queue.next()) out.push(one);
  return out;
};

describe('A line in which each group has its turn', () => {
  it('lets one who comes last go second, behind a crowd of one network', () => {
    const queue = createFairQueue<string>(64);
    for (let index = 0; index < 40; index += 1) queue.add(['net', `address ${index % 2}`], `crowd ${index}`);
    queue.add(['home', 'me'], 'me');
    assert.equal(queue.next(), 'crowd 0');
    assert.equal(queue.next(), 'me');
  });

  it('gives turns inside a network by address as well, and keeps the order of each address', () => {
    const queue = createFairQueue<string>(64);
    for (const one of ['a1', 'a2', 'a3', 'b1', 'b2']) queue.add(['net', one[0] ?? ''], one);
    assert.deepEqual(drained(queue), ['a1', 'b1', 'a2', 'b2', 'a3']);
  });

  it('is full for who has filled it, and for nobody else: their newest makes room', () => {
    const queue = createFairQueue<string>(4);
    for (const one of ['a1', 'a2', 'a3', 'a4']) assert.equal(queue.add(['net', one], one), null);
    assert.equal(queue.add(['net', 'a5'], 'a5'), 'a5', 'the same network is refused');
    assert.equal(queue.add(['home'], 'me'), 'a4');
    assert.deepEqual(drained(queue), ['a1', 'me', 'a2', 'a3']);
  });

  it('takes nobody’s only place', () => {
    const queue = createFairQueue<string>(3);
    for (const one of ['a', 'b', 'c']) queue.add([one], one);
    assert.equal(queue.add(['d'], 'd'), 'd');
    assert.deepEqual(drained(queue), ['a', 'b', 'c']);
  });

  it('never holds more than it may, loses nobody, and tells everybody who has to go', () => {
    const paths = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y')), { maxLength: 60 });
    fc.assert(
      fc.property(paths, fc.nat(8), (all, most) => {
        const queue = createFairQueue<number>(most);
        const gone = new Set<number>();
        all.forEach((path, index) => {
          const one = queue.add(path, index);
          if (one !== null) gone.add(one);
          if (index % 5 === 4) {
            const next = queue.next();
            if (next !== undefined) gone.add(next);
          }
        });
        const rest = drained(queue);
        assert.ok(rest.length <= most);
        assert.equal(new Set([...rest, ...gone]).size, all.length);
        assert.equal(rest.length + gone.size, all.length, 'nobody twice');
      }),
    );
  });
});

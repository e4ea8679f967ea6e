import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createRoom, type Owners } from '#server/lib/room.js';

const MOST = 8;
const owners = fc.tuple(fc.constantFrom('acme', 'globex', 'umbrella'), fc.constantFrom('adam', 'olivia', 'uma'));
type Inside = { owners: Owners; leave: () => void };

describe('A room that is shared', () => {
  it('never holds more than it has places, nor anybody more than half of what the others left them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(owners, fc.boolean()), { maxLength: 100 }), (steps) => {
        const room = createRoom(MOST);
        const inside: Inside[] = [];
        const of = (...group: string[]): number =>
          inside.filter((one) => group.every((name, depth) => one.owners[depth] === name)).length;
        for (const [[tenant, account], goes] of steps) {
          if (goes) {
            inside.shift()?.leave();
            continue;
          }
          const leave = room.enter([tenant, account]);
          if (leave === null) continue;
          inside.push({ owners: [tenant, account], leave });
          const left = Math.max(1, (MOST - of() + of(tenant)) / 2);
          assert.ok(of() <= MOST && of(tenant) <= left, `${of(tenant)} of ${of()}`);
          assert.ok(of(tenant, account) <= Math.max(1, (left - of(tenant) + of(tenant, account)) / 2));
        }
      }),
    );
  });

  it('has a place for whoever has none, while one account, or one organisation, takes all it gets', () => {
    const room = createRoom(MOST);
    const fill = (who: Owners): number => (room.enter(who) ? 1 + fill(who) : 0);
    assert.equal(fill(['acme', 'adam']), 2);
    assert.equal(fill(['acme', 'olivia']), 1);
    assert.equal(fill(['acme', 'uma']), 1);
    assert.equal(fill(['acme', 'audrey']), 0, 'This organisation has its half.');
    assert.equal(fill(['globex', 'gina']), 1);
    assert.equal(fill(['globex', 'gus']), 1);
    assert.equal(fill(['umbrella', 'ulla']), 1);
    assert.equal(fill(['initech', 'ines']), 1);
    assert.equal(fill(['hooli', 'hugo']), 0, 'It is full.');
  });

  it('gives a place back once, however often it is said', () => {
    const room = createRoom(2);
    const leave = room.enter(['acme', 'adam']);
    assert.equal(room.enter(['acme', 'adam']), null);
    leave?.();
    leave?.();
    assert.ok(room.enter(['acme', 'adam']) && room.enter(['globex', 'gina']));
    assert.equal(room.enter(['umbrella', 'ulla']), null);
  });
});

import assert from 'node:assert/strict';
import { setImmediate as tick } from 'node:timers/promises';
import { createPasswordHasher, HasherBusy } from '#server/lib/password-hash.js';

describe('The line for hashing', () => {
  it('lets who is known, and other networks, past a crowd that fills the line', async () => {
    const hasher = createPasswordHasher({ memoryCost: 19_456, timeCost: 2, concurrency: 1, queue: 4 });
    const order: string[] = [];
    const ask = (who: string, known: boolean, network: string): Promise<unknown> =>
      hasher
        .slot(
          async () => {
            order.push(who);
            await tick();
          },
          { known, path: [network, who] },
        )
        .catch((error: unknown) => {
          assert.ok(error instanceof HasherBusy);
          order.push(`${who} was sent away`);
        });
    const crowd = Array.from({ length: 5 }, (_, index) => ask(`crowd ${index}`, false, 'one'));
    await Promise.all([...crowd, ask('uma', true, 'uma'), ask('new', false, 'two')]);
    assert.deepEqual(
      order.filter((who) => !who.includes('sent')),
      ['crowd 0', 'uma', 'crowd 1', 'new', 'crowd 2', 'crowd 3'],
    );
    assert.ok(order.includes('crowd 4 was sent away'));
  });
});

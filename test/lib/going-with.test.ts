import assert from 'node:assert/strict';
import { setImmediate as later } from 'node:timers/promises';
import { GoingWith } from '#server/lib/going-with.js';

describe('A value that goes with a call', () => {
  /** What the engine has noted of a promise: something while anybody follows calls, else nothing. */
  const notedOf = async (): Promise<number> => {
    await later();
    const made = Promise.resolve();
    return Object.getOwnPropertySymbols(made).length;
  };

  it('is there in all that the call waits for, for this call alone, and in the inner one of two', async () => {
    const name = new GoingWith<string>();
    const seen = async (): Promise<string | undefined> => {
      await later();
      return name.get();
    };
    const both = name.run('outer', async () => [await seen(), await name.run('inner', seen), await seen()]);
    const [first, second] = await Promise.all([both, name.run('another', seen), seen()]);
    assert.deepEqual(first, ['outer', 'inner', 'outer']);
    assert.equal(second, 'another');
    assert.equal(name.get(), undefined);
  });

  it('is there while others come to their end, fail, or throw at once', async () => {
    const name = new GoingWith<string>();
    const lasting = name.run('lasting', async () => {
      for (let turn = 0; turn < 20; turn += 1) await later();
      return name.get();
    });
    await name.run('short', () => Promise.resolve());
    await assert.rejects(name.run('failing', () => Promise.reject(new Error('as it must'))));
    await assert.rejects(
      name.run('throwing', () => {
        throw new Error('as it must');
      }),
    );
    assert.equal(await lasting, 'lasting');
    assert.equal(await name.run('next', async () => (await later(), name.get())), 'next');
  });

  it('costs nothing once nobody uses it any more', async () => {
    const before = await notedOf();
    const name = new GoingWith<string>();
    await Promise.all([name.run('one', later), name.run('another', later)]);
    await assert.rejects(name.run('failing', () => Promise.reject(new Error('as it must'))));
    assert.equal(await notedOf(), before);
  });
});

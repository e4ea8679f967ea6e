import assert from 'node:assert/strict';
import { Aside } from '#server/lib/aside.js';

describe('work that no answer waits for', () => {
  const noFailure = (error: unknown): never => assert.fail(String(error));

  it('is waited for to its end, with what it begins itself', async () => {
    const aside = new Aside();
    const done: string[] = [];
    const later = (what: string): Promise<void> =>
      new Promise((resolve) => setTimeout(resolve, 10)).then(() => void done.push(what));
    aside.run(async () => {
      await later('first');
      aside.run(() => later('second'), noFailure);
    }, noFailure);
    assert.deepEqual(done, []);
    await aside.settled();
    assert.deepEqual(done, ['first', 'second']);
  });

  it('says what failed, at once or later, and holds nothing up', async () => {
    const aside = new Aside();
    const failed: unknown[] = [];
    aside.run(
      () => {
        throw new Error('at once');
      },
      (error) => failed.push(error),
    );
    aside.run(
      () => Promise.reject(new Error('later')),
      (error) => failed.push(error),
    );
    await aside.settled();
    assert.deepEqual(failed.map(String).sort(), ['Error: at once', 'Error: later']);
  });
});

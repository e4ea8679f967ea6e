import assert from 'node:assert/strict';

/** Waits until it is so; fails when it is not within these seconds. */
export async function until(fulfilled: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  const latest = Date.now() + seconds * 1000;
  while (!(await fulfilled())) {
    if (Date.now() > latest) assert.fail('It did not happen in time.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

import assert from 'node:assert/strict';

/** Waits until it is so; fails after eight seconds. */
export async function until(fulfilled: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await fulfilled()); waited += 20) {
    if (waited > 8000) assert.fail('It did not happen in time.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

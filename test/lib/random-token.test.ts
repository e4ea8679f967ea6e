import assert from 'node:assert/strict';
import { randomPart } from '#server/lib/random-token.js';

describe('A part of random bytes', () => {
  it('is as long as it was asked for, and never the same twice, however often the store is filled anew', () => {
    const seen = new Set<string>();
    for (let at = 0; at < 3000; at += 1) {
      const size = 16 + (at % 17);
      const part = randomPart(size);
      assert.equal(part.length, size);
      seen.add(part.subarray(0, 16).toString('hex'));
    }
    assert.equal(seen.size, 3000);
  });
});

import assert from 'node:assert/strict';
import { LIMITS } from '#server/features/security-policy/limits.js';
import { accessKinds } from '#server/identity/access.js';

describe('A policy that is tightened says what it does to what lets people in, and does it', () => {
  it('for each kind that a setting limits', () => {
    const limited = accessKinds()
      .filter(({ policy }) => policy !== undefined)
      .map(({ name }) => name);
    assert.ok(limited.length > 0);
    assert.deepEqual(Object.keys(LIMITS).sort(), limited.sort());
  });
});

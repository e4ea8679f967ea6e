import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { openCursor, sealCursor } from '#server/lib/cursor.js';
import { createKeyring, type Purpose, type SecretKey } from '#server/lib/keyring.js';

const OLD: SecretKey = { id: 'k1', bytes: randomBytes(32) };
const NEW: SecretKey = { id: 'k2', bytes: randomBytes(32) };

describe('A retired secret key', () => {
  const before = createKeyring([OLD]);
  const after = createKeyring([NEW, OLD]);

  it('opens what was sealed with it, and proves the log and the recovery codes', () => {
    assert.equal(after.open(before.seal('secret', 'uma'), 'uma'), 'secret');
    for (const purpose of ['security-log', 'recovery-code', 'former-name', 'key-check'] as const)
      assert.equal(after.mac(purpose, 'row', 'k1'), before.mac(purpose, 'row'));
  });

  it('signs nothing else, and what it has signed is worth nothing', () => {
    const signed: Purpose[] = ['session-cookie', 'csrf', 'flash', 'browser', 'throttle', 'sealed'];
    for (const purpose of signed) {
      assert.equal(after.verifyMac(purpose, 'text', before.mac(purpose, 'text')), false, purpose);
      assert.equal(after.verifyMac(purpose, 'text', after.mac(purpose, 'text')), true, purpose);
      assert.throws(() => after.mac(purpose, 'text', 'k1'), /retired/, purpose);
    }
    assert.equal(openCursor(after, 'users', sealCursor(before, 'users', ['z'])), null);
    assert.match(after.seal('secret', 'uma'), /^k2\./);
    assert.equal(after.cookieSecrets().length, 1);
    assert.notDeepEqual(after.cookieSecrets(), before.cookieSecrets());
  });

  it('is one from the moment that another stands before it, and never by keys that do not hold it', () => {
    let stands: SecretKey[] = [OLD];
    const ring = createKeyring([OLD], () => stands);
    const cookies = ring.cookieSecrets();
    assert.equal(ring.refresh(), false);
    stands = [NEW];
    assert.equal(ring.refresh(), false);
    stands = [NEW, { id: 'k1', bytes: randomBytes(32) }];
    assert.equal(ring.refresh(), false);
    stands = [NEW, OLD];
    // Whatever is met first that was sealed with the new key.
    assert.equal(ring.open(after.seal('secret', 'uma'), 'uma'), 'secret');
    assert.deepEqual([ring.currentId, ring.ids], ['k2', ['k2', 'k1']]);
    assert.deepEqual(cookies, after.cookieSecrets());
  });
});

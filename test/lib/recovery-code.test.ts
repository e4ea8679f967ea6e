import assert from 'node:assert/strict';
import { canonicalRecoveryCode, newRecoveryCodes, RECOVERY_CODES } from '#server/lib/recovery-code.js';

describe('Recovery codes', () => {
  it('are ten, all different, of at least 64 bits', () => {
    const codes = newRecoveryCodes();
    assert.equal(codes.length, 10);
    assert.equal(RECOVERY_CODES, 10);
    assert.equal(new Set(codes).size, 10);
    for (const code of codes) assert.match(code, /^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
    const letters = new Set(Array.from({ length: 100 }, newRecoveryCodes).flat().join('').replaceAll('-', ''));
    assert.ok(16 * Math.log2(letters.size) >= 64, `${letters.size} letters`);
  });

  it('hold no letters that are mistaken for each other on paper', () => {
    const letters = new Set(Array.from({ length: 200 }, newRecoveryCodes).flat().join(''));
    for (const letter of ['0', 'o', '1', 'l', 'i']) assert.ok(!letters.has(letter), letter);
  });

  it('can be typed with or without dashes and spaces, small or capital, in any width', () => {
    const bare = 'abcdefgh23456789';
    const typed = [
      'abcd-efgh-2345-6789',
      'ABCD-EFGH-2345-6789',
      'abcdefgh23456789',
      ' abcd efgh  2345 6789 ',
      'abcd–efgh—2345‑6789',
      'ａｂｃｄefgh２３４５6789',
      '\tabcd-efgh\n2345-6789',
    ];
    for (const one of typed) assert.equal(canonicalRecoveryCode(one), bare, JSON.stringify(one));
  });

  it('are nothing else: too short, too long, other letters, or no text at all', () => {
    const wrong = [
      '',
      '-',
      'abcd-efgh-2345-678',
      'abcd-efgh-2345-67899',
      'abcd-efgh-2345-678o',
      'abcd-efgh-2345-678%',
      `abcd-efgh-2345-6789${' '.repeat(100)}`,
      ['abcd-efgh-2345-6789'],
      { length: 16 },
      1,
      null,
      undefined,
      true,
    ];
    for (const one of wrong) assert.equal(canonicalRecoveryCode(one), null, JSON.stringify(one));
  });
});

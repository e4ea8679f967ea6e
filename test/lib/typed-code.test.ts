import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalRecoveryCode } from '#server/lib/recovery-code.js';
import { sixDigitsIn } from '#server/lib/typed-code.js';
import { HIDDEN, SPACES } from '../support/characters.js';

describe('What somebody pastes for a code', () => {
  it('Is a code in any digits, between any marks, and in none when something else is in it', () => {
    const zeros = [0x30, 0x660, 0x6f0, 0x966, 0xe50, 0xff10, 0x1d7d8, 0x1e950];
    const around = fc.string({
      unit: fc.constantFrom(...HIDDEN, ...SPACES, ...'\t\n-‐‑–—−«»“”’\'"`.,;:*_()[]\u202a\u202c\u0301'),
      maxLength: 3,
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(around, fc.nat(9), fc.constantFrom(...zeros)), { minLength: 6, maxLength: 6 }),
        (digits) => {
          const typed = digits.map(([mark, digit, zero]) => mark + String.fromCodePoint(zero + digit)).join('');
          assert.equal(sixDigitsIn(typed), digits.map(([, digit]) => digit).join(''));
        },
      ),
    );
    for (const other of ['12345x', 'e12345', '1234\0', '1234567', '12345'])
      assert.doesNotMatch(sixDigitsIn(other), /^[0-9]{6}$/, other);
    for (const labelled of [
      'Code: 123456',
      'Your code is 123 456.',
      'OTP=123-456',
      '123456 (Acme)',
      '| 123456 |',
      '> 123456',
      '☐ 123456',
      '<b>123456</b>',
      'كود ١٢٣٤٥٦',
    ])
      assert.equal(sixDigitsIn(labelled), '123456', labelled);
    for (const two of ['123456 in 30 seconds', 'Code 2: 123456', '123456 654321'])
      assert.doesNotMatch(sixDigitsIn(two), /^[0-9]{6}$/);
  });

  it('Is a recovery code with its number, its name and its box, and none where it could be two', () => {
    const code = 'abcd-efgh-jkmn-pq23';
    const bare = 'abcdefghjkmnpq23';
    const dashes = [...'-‐‑‒–—―−－﹘﹣⁃ー~|·•_', ' ', '\u00a0', '\n', '\r\n', '\u00ad', '\u200b', ' - ', ''];
    const around = [
      '',
      '"',
      '“',
      '«',
      '1. ',
      '10) ',
      '#3: ',
      'Recovery code: ',
      'Wiederherstellungscode 4 = ',
      '- [ ] ',
      '☐ ',
      '✓',
      '> ',
      '| ',
      '=',
      '~~',
    ];
    for (const dash of dashes)
      for (const before of around)
        for (const typed of [
          `${before}${code.replaceAll('-', dash)}`,
          `${before}${code.toUpperCase().replaceAll('-', dash)} (unused)\n`,
        ])
          assert.equal(canonicalRecoveryCode(typed), bare, JSON.stringify(typed));
    for (const none of [
      `${code} ${code.replace('a', 'b')}`,
      `used ${code}`,
      'abcd-efgh-jkmn',
      `${code}x`,
      'аbcd-efgh-jkmn-pq23',
      'ábcd-efgh-jkmn-pq23',
      'x'.repeat(101),
      7,
    ])
      assert.equal(canonicalRecoveryCode(none), null, String(none));
  });
});

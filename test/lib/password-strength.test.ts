import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { dictionary } from '@zxcvbn-ts/language-common';
import fc from 'fast-check';
import { isCommonPassword, passwordScore } from '#server/lib/password-strength.js';
import { processorTime } from '../support/processor.js';

const list = dictionary['passwords-common'];

describe('the list of common passwords', () => {
  it('holds at least ten thousand, and knows every one of them in any case', () => {
    assert.ok(list.length >= 10_000);
    for (const word of list) assert.ok(isCommonPassword(word) && isCommonPassword(word.toUpperCase()), word);
  });

  it('sees through full-width letters', () => assert.ok(isCommonPassword('ｐａｓｓｗｏｒｄ')));

  for (const made of [
    'passwordpassword',
    'qwertyqwertyqwe',
    'aaaaaaaaaaaaaaaa',
    'abcabcabcabcabc',
    'abcdefghijklmnop',
    'zyxwvutsrqponmlk',
    '123456789012345',
    'password123456789',
    'qwertyuiopasdfghjkl',
    'Password1!',
    'Welcome2024!',
    'SunshineDragon99',
  ]) {
    it(`has "${made}" too, which is nothing but what it lists`, () => assert.ok(isCommonPassword(made)));
  }

  for (const own of [
    'correct horse battery staple',
    'password kept by a walrus',
    'copper lantern drifts',
    'xk7Qv!pzR2mWtb9u',
    'zebra8273645192837',
    'Kq7!vztp',
    '',
  ]) {
    it(`lets "${own}" pass: the whole is compared, never a part`, () => assert.equal(isCommonPassword(own), false));
  }

  it('calls no random password common', () => {
    const random = fc.string({
      unit: fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz0123456789')),
      minLength: 15,
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        fc.uuid(),
        random,
        (uuid, text) => !isCommonPassword(uuid) && (new Set(text).size < 8 || !isCommonPassword(text)),
      ),
    );
  });
});

describe('the strength of a password', () => {
  it('is 0 for what is tried first and 4 for four words', () => {
    assert.equal(passwordScore('password', []), 0);
    assert.equal(passwordScore('p4$$w0rd', []), 0);
    assert.equal(passwordScore('correct horse battery staple', []), 4);
  });

  it('falls when it is made of the person’s own names, or of ours', () => {
    assert.ok(
      passwordScore('vandermolen-krzysztofka', []) >
        passwordScore('vandermolen-krzysztofka', ['vandermolen', 'krzysztofka']),
    );
    assert.equal(passwordScore('gatehouse', []), 0);
  });

  it('is that of the first 64 characters', () => {
    assert.equal(passwordScore('a'.repeat(64) + 'xk7Qv!pzR2mWtb9u', []), 0);
    assert.equal(passwordScore('a'.repeat(40) + 'xk7Qv!pzR2mWtb9u', []), 4);
  });

  it('never holds the process for long, whatever is typed', () => {
    const worst = [
      '1'.repeat(128),
      '4@8({[<369&#!1|0$5+7%2'.repeat(6),
      'aB3$'.repeat(32),
      'p4$$w0rd'.repeat(16),
      '\u{1f98a}'.repeat(128),
    ];
    const least = (text: string): number =>
      Math.min(...Array.from({ length: 7 }, () => processorTime(() => passwordScore(text, ['alice']))));
    for (const text of worst) {
      // Beside what anybody types, each time anew: how long a moment is differs from machine to machine, and from hour to hour.
      const times = least(text) / least('correct horse battery staple and more');
      assert.ok(times < 20, `${text.slice(0, 20)}: ${times.toFixed(1)} times an ordinary one`);
    }
  });

  it('copes with words that mean something to JavaScript', () => {
    for (const text of ['constructor', '__proto__', 'hasOwnProperty', '\ud800', '']) {
      assert.ok([0, 1, 2, 3, 4].includes(passwordScore(text, ['__proto__', 'constructor', ''])));
      assert.equal(isCommonPassword(text), false);
    }
  });
});

describe('start-up', () => {
  it('loads neither the list nor the estimator before somebody sets a password', async () => {
    const script = `
      const { isCommonPassword, passwordScore } = await import('#server/lib/password-strength.js');
      const { createRequire } = await import('node:module');
      const loaded = () => Object.keys(createRequire(process.cwd() + '/x.js').cache).filter((path) => path.includes('@zxcvbn-ts')).map((path) => path.split('@zxcvbn-ts/')[1].split('/')[0]);
      const seen = [loaded().length];
      isCommonPassword('password');
      seen.push(loaded().includes('language-common'), loaded().includes('core'));
      passwordScore('password', []);
      seen.push(loaded().includes('core'));
      console.log(JSON.stringify(seen));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      script,
    ]);
    assert.deepEqual(JSON.parse(stdout), [0, true, false, true]);
  });
});

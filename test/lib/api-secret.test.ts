import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  API_SECRET_PATTERN,
  firstCharacters,
  newApiSecret,
  parseApiSecret,
  type CredentialKind,
} from '#server/lib/api-secret.js';

const KINDS: Record<CredentialKind, string> = { token: 'ght', key: 'ghk', password: 'ghp' };

describe('The secret of an API credential', () => {
  for (const [kind, prefix] of Object.entries(KINDS) as [CredentialKind, string][]) {
    it(`of a ${kind} has the form that scanners look for, and is read again as what it is`, () => {
      const made = newApiSecret(kind);
      assert.match(made.text, new RegExp(`^${prefix}_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$`));
      assert.match(made.text, new RegExp(`^${API_SECRET_PATTERN}$`));
      assert.deepEqual(parseApiSecret(made.text), made);
      assert.equal(made.hash, createHash('sha256').update(made.text).digest('hex'));
    });
  }

  it('ends with the CRC32 of the rest, in base 62', () => {
    const { text } = newApiSecret('token');
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const number = [...text.slice(-6)].reduce((sum, digit) => sum * 62 + digits.indexOf(digit), 0);
    assert.equal(number, crc32(text.slice(0, -7)));
  });

  it('is never the same twice, and draws on every letter', () => {
    const made = Array.from({ length: 2000 }, () => newApiSecret('key'));
    assert.equal(new Set(made.map(({ publicId }) => publicId)).size, 2000);
    const random = made.map(({ text }) => text.slice(17, -7));
    assert.equal(new Set(random).size, 2000);
    assert.equal(new Set(random.join('')).size, 62);
  });

  it('that was mistyped anywhere is told by its checksum', () => {
    const { text } = newApiSecret('token');
    for (let at = 0; at < text.length; at += 1) {
      const wrong = text[at] === 'x' ? 'y' : 'x';
      assert.equal(parseApiSecret(text.slice(0, at) + wrong + text.slice(at + 1)), null, `at ${at}`);
      assert.equal(parseApiSecret(text.slice(0, at) + text.slice(at + 1)), null, `without ${at}`);
    }
  });

  it('is none with anything around it', () => {
    const { text } = newApiSecret('token');
    for (const other of [
      '',
      ` ${text}`,
      `${text}\n`,
      `${text} `,
      `Bearer ${text}`,
      `${text}${text}`,
      text.toUpperCase(),
      'ght___',
      '\0',
    ]) {
      assert.equal(parseApiSecret(other), null);
    }
    assert.equal(parseApiSecret('ght_'.repeat(1_000_000)), null);
  });

  it('is found in the middle of a text by the pattern that scanners are given', () => {
    const [token, key, password] = (['token', 'key', 'password'] as const).map((kind) => newApiSecret(kind).text);
    const text = `TOKEN=${token}\ncurl -H "X-API-Key: ${key}" https://acme:${password}@example.com`;
    assert.deepEqual(text.match(new RegExp(API_SECRET_PATTERN, 'g')), [token, key, password]);
  });

  it('is shown by what cannot be used', () => {
    const { text, publicId } = newApiSecret('password');
    const shown = firstCharacters('password', publicId);
    assert.equal(shown, `ghp_${publicId}_…`);
    assert.ok(text.startsWith(shown.slice(0, -1)));
  });
});

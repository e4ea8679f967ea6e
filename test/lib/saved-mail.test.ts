import assert from 'node:assert/strict';
import PostalMime from 'postal-mime';
import { wordsOfMail } from '#server/lib/saved-mail.js';

const WORDS = `rows: 12\r\nhash: ${'ab'.repeat(32)}\r\nnoted by: Zoë\r\n`;
const base64 = (text: string): string => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n');
const quoted = (text: string): string => text.replace('ë', '=C3=AB').replace('abab', 'ab=\r\nab');

const part = (encoding: string, body: string, type = 'text/plain; charset=utf-8'): string =>
  `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}\r\n`;
const html = part('base64', base64('<b>not this</b>'), 'text/html; charset=utf-8');
const several = (kind: string, boundary: string, ...parts: string[]): string =>
  `Content-Type: multipart/${kind}; boundary="${boundary}"\r\n\r\n${parts.map((one) => `--${boundary}\r\n${one}`).join('')}--${boundary}--\r\n`;
const plain = { base64: part('base64', base64(WORDS)), 'quoted-printable': part('quoted-printable', quoted(WORDS)) };

describe('The words of a mail that was saved', () => {
  const mails: Record<string, string> = {};
  for (const [encoding, text] of Object.entries(plain)) {
    mails[`alone, ${encoding}`] = text;
    mails[`beside what is for the eye, ${encoding}`] = several('alternative', 'a', text, html);
    mails[`under an odd boundary, ${encoding}`] = several('alternative', 'a (b) c', text, html);
    mails[`inside a signed one, ${encoding}`] = several(
      'signed',
      's',
      several('mixed', 'm', several('alternative', 'a', text, html)),
    );
  }
  for (const [what, mail] of Object.entries(mails))
    it(`are found: ${what}`, async () => {
      const saved = `Subject: A checkpoint\r\nMIME-Version: 1.0\r\n${mail}`;
      const { text = '' } = await PostalMime.parse(saved);
      // As a library of mails reads it.
      assert.equal(text.replace(/\r/g, '').trim(), WORDS.replace(/\r/g, '').trim());
      for (const lines of [saved, saved.replace(/\r\n/g, '\n')])
        assert.equal(wordsOfMail(lines).replace(/\r/g, '').trim(), text.replace(/\r/g, '').trim());
    });
});

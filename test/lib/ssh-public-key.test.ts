import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { looksPrivate, readSshPublicKey, type SshPublicKey } from '#server/lib/ssh-public-key.js';
import {
  certified,
  EXPONENT,
  exported,
  fingerprintOf,
  keygen,
  keygenSays,
  keyLine,
  modulusOf,
  newKeyLine,
  pointOf,
  privateAs,
  turned,
  withoutKeygen,
} from '../support/ssh-keys.js';

const taken = (line: string): SshPublicKey => {
  const verdict = readSshPublicKey(line);
  assert.ok('key' in verdict, 'problem' in verdict ? `${line.slice(0, 60)}: ${verdict.problem}` : '');
  return verdict.key;
};
const refused = (line: string, why: RegExp): void => {
  const verdict = readSshPublicKey(line);
  assert.ok('problem' in verdict, `${line.slice(0, 60)} was taken.`);
  assert.match(verdict.problem, why, line.slice(0, 60));
};

const application = Buffer.from('ssh:');

(withoutKeygen === null ? describe : describe.skip)(
  `A public SSH key made by ssh-keygen${withoutKeygen === null ? '' : ` (skipped: ${withoutKeygen})`}`,
  () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    const KINDS: Record<string, string[]> = {
      ed25519: ['-t', 'ed25519'],
      'ecdsa-256': ['-t', 'ecdsa', '-b', '256'],
      'ecdsa-384': ['-t', 'ecdsa', '-b', '384'],
      'ecdsa-521': ['-t', 'ecdsa', '-b', '521'],
      'rsa-2048': ['-t', 'rsa', '-b', '2048'],
      'rsa-3000': ['-t', 'rsa', '-b', '3000'],
      'rsa-4096': ['-t', 'rsa', '-b', '4096'],
    };
    for (const [name, options] of Object.entries(KINDS)) {
      it(`${name} is taken, with the bits and the fingerprint that ssh-keygen shows, and its private half is refused`, () => {
        const { publicKey, privateKey, file } = keygen(folder, name, ...options);
        const { bits, fingerprint, comment, type, blob } = taken(publicKey);
        assert.deepEqual({ bits, fingerprint }, keygenSays(publicKey));
        assert.equal(comment, `${name}@laptop`);
        assert.equal(`${type} ${blob} ${comment}`, publicKey.trim());
        refused(privateKey, /This is a private key\. Never give it to anybody/);
        for (const form of name === 'ed25519' ? [] : ['PEM', 'PKCS8']) {
          const text = privateAs(file, form);
          assert.match(text, /^-----BEGIN [A-Z ]*PRIVATE KEY-----/);
          refused(text, /This is a private key/);
        }
      });
    }

    it('in another form is refused, with the command that turns it into the right one, and does', () => {
      const { publicKey: pem } = generateKeyPairSync('ed25519');
      const spki = pem.export({ format: 'pem', type: 'spki' }).toString();
      const forms = [[spki, keyLine('ssh-ed25519', Buffer.from(pem.export({ format: 'jwk' }).x ?? '', 'base64url'))]];
      for (const kind of ['rsa-2048', 'ecdsa-256', 'ecdsa-521', 'ed25519']) {
        const { file, publicKey } = keygen(folder, `other-${kind}`, ...(KINDS[kind] ?? []));
        const others = kind.startsWith('rsa') ? ['PEM', 'PKCS8'] : kind.startsWith('ecdsa') ? ['PKCS8'] : [];
        for (const form of ['RFC4716', ...others]) forms.push([exported(file, form), publicKey]);
      }
      for (const [text = '', line = ''] of forms) {
        const verdict = readSshPublicKey(text);
        const problem = 'problem' in verdict ? verdict.problem : '';
        const [, told] = /^This key is in another form\. In OpenSSH’s it is: (.*)$/.exec(problem) ?? [];
        const [, command] = /^This key is in another form\. .* with: ssh-keygen (.*) FILE$/.exec(problem) ?? [];
        assert.ok(told ?? command, `${text.slice(0, 30)}: ${problem}`);
        assert.equal(taken(told ?? turned(folder, text, command ?? '')).fingerprint, fingerprintOf(line), problem);
      }
      assert.equal(forms.length, 9);
    });

    it('of RSA with 1024 bits is refused', () => {
      refused(
        keygen(folder, 'rsa-1024', '-t', 'rsa', '-b', '1024').publicKey,
        /has 1024 bits; at least 2048 are needed/,
      );
    });

    it('that is a certificate is refused', () => {
      const authority = keygen(folder, 'authority', '-t', 'ed25519');
      const { file } = keygen(folder, 'signed', '-t', 'ed25519');
      refused(certified(authority.file, file), /This is a certificate/);
    });

    it('on a security key has the bits and the fingerprint that ssh-keygen shows', () => {
      const lines = [
        keyLine('sk-ssh-ed25519@openssh.com', randomBytes(32), application),
        keyLine('sk-ecdsa-sha2-nistp256@openssh.com', Buffer.from('nistp256'), pointOf('P-256'), application),
      ];
      for (const line of lines) {
        const { bits, fingerprint } = taken(line);
        assert.deepEqual({ bits, fingerprint }, keygenSays(line));
      }
    });
  },
);

describe('A public SSH key', () => {
  it('is taken of every kind that is good', () => {
    const lines = {
      'ssh-ed25519': newKeyLine(),
      'ecdsa-sha2-nistp256': keyLine('ecdsa-sha2-nistp256', Buffer.from('nistp256'), pointOf('P-256')),
      'ecdsa-sha2-nistp384': keyLine('ecdsa-sha2-nistp384', Buffer.from('nistp384'), pointOf('P-384')),
      'ecdsa-sha2-nistp521': keyLine('ecdsa-sha2-nistp521', Buffer.from('nistp521'), pointOf('P-521')),
      'ssh-rsa': keyLine('ssh-rsa', EXPONENT, modulusOf(2048)),
    };
    for (const [type, line] of Object.entries(lines)) {
      const key = taken(line);
      assert.equal(key.type, type);
      assert.equal(key.fingerprint, fingerprintOf(line));
    }
    assert.equal(taken(keyLine('ssh-rsa', EXPONENT, modulusOf(2049))).bits, 2049);
  });

  it('may stand among spaces, tabs and line ends, and have no comment or a long one', () => {
    const [type = '', blob = ''] = newKeyLine().split(' ');
    assert.equal(taken(`\r\n  ${type}\t${blob}  \r\n`).comment, '');
    assert.equal(taken(`${type} ${blob} uma  ndiaye\t(laptop)`).comment, 'uma ndiaye (laptop)');
    assert.equal([...taken(`${type} ${blob} ${'🔑'.repeat(300)}`).comment].length, 255);
  });

  it('of DSA is refused, with what to make instead', () => {
    refused(
      keyLine('ssh-dss', modulusOf(1024), EXPONENT, modulusOf(160), modulusOf(1024)),
      /DSA keys are too weak\. Make an ed25519 key/,
    );
  });

  it('of RSA is refused under 2048 bits and over 16384, and when it is none', () => {
    refused(keyLine('ssh-rsa', EXPONENT, modulusOf(2047)), /has 2047 bits/);
    refused(keyLine('ssh-rsa', EXPONENT, modulusOf(16_385)), /at most 16384/);
    const even = modulusOf(2048);
    even[even.length - 1] = 2;
    refused(keyLine('ssh-rsa', EXPONENT, even), /damaged/);
    refused(keyLine('ssh-rsa', EXPONENT, modulusOf(2048).subarray(1)), /damaged/);
    refused(keyLine('ssh-rsa', Buffer.alloc(0), modulusOf(2048)), /damaged/);
  });

  it('is refused when it is cut short, too long or of another kind than it says', () => {
    const [type = '', blob = ''] = newKeyLine().split(' ');
    for (let cut = 1; cut < blob.length; cut += 3) refused(`${type} ${blob.slice(0, -cut)}`, /damaged|malformed|Paste/);
    refused(type, /malformed|Paste/);
    refused(`${type} ${blob}AAAA`, /damaged/);
    refused(`${type} ${blob}!`, /malformed/);
    refused(`ssh-rsa ${blob}`, /damaged/);
    refused(keyLine('ssh-ed25519', randomBytes(31)), /damaged/);
    refused(keyLine('ssh-ed25519', randomBytes(32), Buffer.alloc(1)), /damaged/);
    refused(keyLine('ecdsa-sha2-nistp384', Buffer.from('nistp256'), pointOf('P-256')), /damaged/);
    refused(keyLine('sk-ssh-ed25519@openssh.com', randomBytes(32)), /damaged/);
    // Base64 that decodes to the same bytes, and is not how anybody writes them.
    refused(`${type} ${blob.slice(0, 8)}\u00a0${blob.slice(8)}`, /malformed|damaged/);
  });

  it('of ECDSA is refused when its point is not on the curve', () => {
    const off = pointOf('P-256');
    off[40] = (off[40] ?? 0) ^ 1;
    refused(keyLine('ecdsa-sha2-nistp256', Buffer.from('nistp256'), off), /damaged/);
    refused(keyLine('ecdsa-sha2-nistp256', Buffer.from('nistp256'), Buffer.alloc(65, 4)), /damaged/);
  });

  it('is taken out of the quotation marks that a settings file or a text program puts around it', () => {
    const line = keyLine('ssh-ed25519', randomBytes(32));
    for (const [open, close] of ['""', "''", '“”', '„“', '«»', '‘’', '``'])
      for (const text of [`${open}${line}${close}`, ` ${open} ${line} me@laptop ${close}\n`])
        assert.ok('key' in readSshPublicKey(text), text);
    refused(`"${line}`, /no SSH public key/);
    refused(`"restrict ${line}"`, /Options in front/);
  });

  it('is refused with options in front, and as one of two', () => {
    const line = newKeyLine();
    for (const option of ['no-pty', 'command="/bin/sh -c id"', 'from="10.0.0.0/8",restrict', 'cert-authority']) {
      refused(`${option} ${line}`, /Options in front of a key are not taken/);
    }
    refused(`${line}\n${newKeyLine()}`, /one key at a time/);
    refused(`${line} ${newKeyLine()}`, /one key at a time/);
    refused(`${line}\n\ncommand="x"`, /one key at a time/);
  });

  it('is taken with a comment above it, and where something has broken it into lines', () => {
    const line = newKeyLine();
    for (const width of [64, 70, 76]) {
      const broken = line.trim().replace(new RegExp(`.{${width}}`, 'g'), '$&\n');
      assert.equal(taken(broken).fingerprint, taken(line).fingerprint, broken);
      assert.equal(taken(broken.replaceAll('\n', ' \r\n ')).blob, taken(line).blob);
    }
    assert.equal(taken(`# laptop\n# of uma\n${line}`).fingerprint, taken(line).fingerprint);
    refused(`${line}\ncommand="x"`, /one key at a time/);
    refused(`# laptop\n${line}\n${newKeyLine()}`, /one key at a time/);
  });

  it('is called what it is when it is a key of something else', () => {
    refused('-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBF', /PGP key/);
    refused('-----BEGIN CERTIFICATE-----\nMIIB', /certificate for TLS/);
    refused('PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none', /PuTTYgen.*“Public key for pasting/);
  });

  it('is refused when it is private, whole or in part', () => {
    const parts = [
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----',
      '-----BEGIN RSA PRIVATE KEY-----\nMIIE',
      '-----BEGIN EC PRIVATE KEY-----',
      '-----BEGIN ENCRYPTED PRIVATE KEY-----',
      'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none',
      'b3BlbnNzaC1rZXktdjEAAAAABG5vbmU',
      `${newKeyLine()}\n-----BEGIN OPENSSH PRIVATE KEY-----`,
    ];
    for (const part of parts) {
      refused(part, /This is a private key( of PuTTY)?\. Never give it to anybody/);
      assert.ok(looksPrivate(part));
    }
    assert.ok(!looksPrivate(newKeyLine()));
  });

  it('is refused when it is something else altogether, and with characters that cannot be shown', () => {
    refused('', /Paste your public key/);
    for (const text of [
      'hello',
      'ssh-ed448 AAAA',
      '<script>',
      'https://github.com/uma.keys',
      'SHA256:abc',
      'ssh-ed25519\u200b AAAA',
    ])
      refused(text, /no SSH public key|malformed|damaged/);
    for (const character of ['\0', '\u001b[2J', '\u202e', '\ud800'])
      refused(`${newKeyLine()}${character}`, /control characters/);
  });
});

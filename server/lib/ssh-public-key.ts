import { createHash, createPublicKey } from 'node:crypto';
import { bitsOf } from './ssh-wire.js';

export interface SshPublicKey {
  type: string;
  bits: number;
  /** `SHA256:…` over the blob, as `ssh-keygen -lf` prints it. */
  fingerprint: string;
  /** The key in the wire form of RFC 4253, 6.6, as base64. */
  blob: string;
  comment: string;
}

export type SshKeyVerdict = { key: SshPublicKey } | { problem: string };

const RSA_LEAST_BITS = 2048;
const RSA_MOST_BITS = 16_384;
const COMMENT_MAX = 255;
const LIKE_THIS = 'Paste the one line of your .pub file, such as “ssh-ed25519 AAAA… you@laptop”.';
const TYPE =
  /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/;
// Control characters, lone halves of one, and what turns text around.
const UNSHOWABLE = /(?![\t\n\r])\p{Cc}|[\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Reads one public key of OpenSSH's form, or says in plain words why it cannot be taken. */
export function readSshPublicKey(typed: string): SshKeyVerdict {
  const text = inOneLine(typed);
  const problem = shapeProblem(text);
  if (problem !== null) return { problem };
  const [type = '', blob = '', ...comment] = text.split(/[ \t]+/);
  if (type === 'ssh-dss') return { problem: 'DSA keys are too weak. Make an ed25519 key: ssh-keygen -t ed25519' };
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(blob)) return { problem: `The key itself is malformed. ${LIKE_THIS}` };
  const bytes = Buffer.from(blob, 'base64');
  const bits = bitsOf(type, bytes);
  if (bits === null || bytes.toString('base64').replace(/=+$/, '') !== blob.replace(/=+$/, '')) {
    return { problem: `The key is damaged or cut short. ${LIKE_THIS}` };
  }
  if (type === 'ssh-rsa' && bits < RSA_LEAST_BITS) {
    return {
      problem: `This RSA key has ${bits} bits; at least ${RSA_LEAST_BITS} are needed. Make an ed25519 key: ssh-keygen -t ed25519`,
    };
  }
  if (bits > RSA_MOST_BITS) return { problem: `This RSA key has ${bits} bits; at most ${RSA_MOST_BITS} are taken.` };
  const fingerprint = `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`;
  return {
    key: {
      type,
      bits,
      fingerprint,
      blob: bytes.toString('base64'),
      comment: [...comment.join(' ')].slice(0, COMMENT_MAX).join(''),
    },
  };
}

/** True for what holds a private key, or looks like a part of one: it is never shown again. */
export function looksPrivate(typed: string): boolean {
  // The last is how the body of an OpenSSH private key begins, without the line above it that says so.
  return /PRIVATE KEY|PuTTY-User-Key-File|Private-Lines:|b3BlbnNzaC1rZXktdjE/i.test(typed);
}

// What people paste by mistake, each told by its own words.
function shapeProblem(text: string): string | null {
  if (text === '') return `Paste your public key. ${LIKE_THIS}`;
  if (/PuTTY-User-Key-File/i.test(text)) {
    return 'This is a private key of PuTTY. Never give it to anybody; if it has left your machine, make a new pair. In PuTTYgen, load yours and copy what stands under “Public key for pasting into OpenSSH authorized_keys file”.';
  }
  if (looksPrivate(text)) {
    return 'This is a private key. Never give it to anybody; if it has left your machine, make a new pair. Paste the public one, from the file that ends in .pub.';
  }
  const [, form] = /BEGIN ((?:SSH2 |RSA )?PUBLIC KEY|CERTIFICATE|PGP)/.exec(text) ?? [];
  if (form !== undefined) return otherForm(form, text);
  if (UNSHOWABLE.test(text)) return `This text has control characters. ${LIKE_THIS}`;
  if (text.split(/\r?\n/).filter((line) => line.trim() !== '').length > 1)
    return 'Paste one key at a time: this text has more than one line.';
  const words = text.split(/[ \t]+/);
  if (TYPE.test(words[0] ?? ''))
    return words.slice(1).filter((word) => TYPE.test(word)).length > 0
      ? 'Paste one key at a time: this line has two.'
      : null;
  if (/-cert-v01@openssh\.com$/.test(words[0] ?? ''))
    return 'This is a certificate. Paste the public key that it was made for.';
  if (words.some((word) => TYPE.test(word)))
    return 'Options in front of a key are not taken. Paste the key from its type on, such as “ssh-ed25519 AAAA…”.';
  return `This is no SSH public key of a kind that is taken (ed25519, ECDSA, RSA, or one on a security key). ${LIKE_THIS}`;
}

// ssh-keygen reads each form only when it is told which it is; and ed25519 in PEM few of its versions read at all.
function otherForm(form: string, text: string): string {
  if (form === 'PGP') return `This is a PGP key, and none of SSH. ${LIKE_THIS}`;
  if (form === 'CERTIFICATE') return `This is a certificate for TLS, and no SSH key. ${LIKE_THIS}`;
  const line = ed25519Line(text);
  if (line !== null) return `This key is in another form. In OpenSSH’s it is: ${line}`;
  const named = { 'PUBLIC KEY': '-m PKCS8 ', 'RSA PUBLIC KEY': '-m PEM ' }[form] ?? '';
  return `This key is in another form. Save it in a file, and turn it into OpenSSH’s with: ssh-keygen -i ${named}-f FILE`;
}

function ed25519Line(pem: string): string | null {
  try {
    const { kty, crv, x = '' } = createPublicKey(pem).export({ format: 'jwk' });
    if (kty !== 'OKP' || crv !== 'Ed25519') return null;
    const type = 'ssh-ed25519';
    const fields = [Buffer.from(type), Buffer.from(x, 'base64url')].flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return [length, field];
    });
    return `${type} ${Buffer.concat(fields).toString('base64')}`;
  } catch {
    return null;
  }
}

// Without lines of comment, and as one where a terminal or a mail has broken a single key into several.
function inOneLine(typed: string): string {
  const text = typed
    .split(/\r?\n/)
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .trim()
    .replace(/^(["'“„«‘`])([^]*)["'”“»’`]$/u, '$2')
    .trim();
  const joined = text.split(/\s*\n\s*/).join('');
  return !isWhole(text) && isWhole(joined) ? joined : text;
}

function isWhole(text: string): boolean {
  const [type = '', blob = ''] = text.split(/\s+/);
  return TYPE.test(type) && /^[A-Za-z0-9+/]+={0,2}$/.test(blob) && bitsOf(type, Buffer.from(blob, 'base64')) !== null;
}

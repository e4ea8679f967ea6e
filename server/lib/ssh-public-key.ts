import { createHash, createPublicKey } from 'node:crypto';

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
  const text = typed.trim();
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
  if (looksPrivate(text)) {
    return 'This is a private key. Never give it to anybody; if it has left your machine, make a new pair. Paste the public one, from the file that ends in .pub.';
  }
  if (/BEGIN SSH2 PUBLIC KEY|BEGIN (RSA )?PUBLIC KEY/.test(text)) {
    return 'This key is in another form. Turn it into OpenSSH’s with: ssh-keygen -i -f FILE';
  }
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

// The bits of the key when its wire form is whole and right for its type; else null.
function bitsOf(type: string, bytes: Buffer): number | null {
  const fields = fieldsOf(bytes);
  if (fields?.[0]?.toString('latin1') !== type) return null;
  const [, first = Buffer.alloc(0), second = Buffer.alloc(0), third = Buffer.alloc(0)] = fields;
  switch (type) {
    case 'ssh-ed25519':
      return fields.length === 2 && first.length === 32 ? 256 : null;
    case 'sk-ssh-ed25519@openssh.com':
      return fields.length === 3 && first.length === 32 && second.length > 0 ? 256 : null;
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return fields.length === 4 && third.length > 0 ? pointBits('nistp256', first, second) : null;
    case 'ssh-rsa':
      return fields.length === 3 && isOddPositive(first) && isOddPositive(second) ? bitLength(second) : null;
    default:
      return fields.length === 3 ? pointBits(type.slice('ecdsa-sha2-'.length), first, second) : null;
  }
}

const CURVES: Record<string, { name: string; bits: number }> = {
  nistp256: { name: 'P-256', bits: 256 },
  nistp384: { name: 'P-384', bits: 384 },
  nistp521: { name: 'P-521', bits: 521 },
};

// A point that is not on its curve is no key; OpenSSL tells.
function pointBits(curve: string, named: Buffer, point: Buffer): number | null {
  const known = CURVES[curve];
  const length = known ? Math.ceil(known.bits / 8) : 0;
  if (!known || named.toString('latin1') !== curve || point.length !== 1 + 2 * length || point[0] !== 4) return null;
  const [x, y] = [point.subarray(1, 1 + length), point.subarray(1 + length)].map((part) => part.toString('base64url'));
  try {
    createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: known.name, x: x ?? '', y: y ?? '' } });
    return known.bits;
  } catch {
    return null;
  }
}

// The length-prefixed strings of RFC 4251, 5; null when they do not fill the bytes exactly.
function fieldsOf(bytes: Buffer): Buffer[] | null {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return null;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return null;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function isOddPositive(number: Buffer): boolean {
  return number.length > 0 && (number[0] ?? 0x80) < 0x80 && ((number.at(-1) ?? 0) & 1) === 1;
}

function bitLength(number: Buffer): number {
  const bare = number[0] === 0 ? number.subarray(1) : number;
  return bare.length === 0 ? 0 : bare.length * 8 - Math.clz32(bare[0] ?? 0) + 24;
}

import { createPublicKey } from 'node:crypto';

/** The bits of a key when its wire form (RFC 4253, 6.6) is whole and right for its type; else null. */
export function bitsOf(type: string, bytes: Buffer): number | null {
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

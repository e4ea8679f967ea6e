import { DAMAGED, MOVING, refuseSize, UnfitPicture, type Picture } from './unfit-picture.js';

const HEAD = 12;
const ANIMATED = 0x02;
const TRANSPARENT = 0x10;
const KEY_FRAME = Buffer.from([0x9d, 0x01, 0x2a]);
const LOSSLESS = 0x2f;

interface Chunk {
  name: string;
  body: Buffer;
}

/** Whether these bytes begin as a WebP does. */
export function isWebp(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, HEAD) === 'WEBP';
}

/** Reads a WebP (RFC 9649), and writes it anew from its picture and its transparency alone: texts, places and profiles are gone. */
export function readWebp(bytes: Buffer): Picture {
  if (bytes.length < HEAD || bytes.readUInt32LE(4) !== bytes.length - 8) throw new UnfitPicture(DAMAGED);
  const chunks = [...chunksOf(bytes)];
  const all = (name: string): Chunk[] => chunks.filter((chunk) => chunk.name === name);
  const [extended] = all('VP8X');
  if (all('ANIM').length + all('ANMF').length > 0 || ((extended?.body[0] ?? 0) & ANIMATED) !== 0)
    throw new UnfitPicture(MOVING);
  const pictures = chunks.filter(({ name }) => name === 'VP8 ' || name === 'VP8L');
  const [picture] = pictures;
  if (!picture || pictures.length > 1 || (!extended && chunks[0] !== picture)) throw new UnfitPicture(DAMAGED);
  const { width, height } = picture.name === 'VP8 ' ? sizeOfLossy(picture.body) : sizeOfLossless(picture.body);
  refuseSize(width, height);
  // What is lossless has its own transparency.
  const [clear] = picture.name === 'VP8 ' ? all('ALPH') : [];
  const kept = clear ? [canvas(width, height), clear, picture] : [picture];
  return { type: 'webp', width, height, bytes: file(kept) };
}

function* chunksOf(bytes: Buffer): Generator<Chunk> {
  let at = HEAD;
  while (at < bytes.length) {
    const length = at + 8 <= bytes.length ? bytes.readUInt32LE(at + 4) : Infinity;
    // What is of an odd length has a byte behind it that says nothing.
    const end = at + 8 + length + (length % 2);
    if (end > bytes.length) throw new UnfitPicture(DAMAGED);
    yield { name: bytes.toString('latin1', at, at + 4), body: bytes.subarray(at + 8, at + 8 + length) };
    at = end;
  }
}

// A whole picture, that is to be shown (RFC 6386, 9.1); the upper two bits are for stretching it.
function sizeOfLossy(body: Buffer): { width: number; height: number } {
  const [first = 1] = body;
  if (body.length < 10 || (first & 1) !== 0 || (first & 0x10) === 0 || !body.subarray(3, 6).equals(KEY_FRAME))
    throw new UnfitPicture(DAMAGED);
  return { width: body.readUInt16LE(6) & 0x3fff, height: body.readUInt16LE(8) & 0x3fff };
}

function sizeOfLossless(body: Buffer): { width: number; height: number } {
  if (body.length < 5 || body[0] !== LOSSLESS) throw new UnfitPicture(DAMAGED);
  const bits = body.readUInt32LE(1);
  if (bits >>> 29 !== 0) throw new UnfitPicture(DAMAGED);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

function canvas(width: number, height: number): Chunk {
  const body = Buffer.alloc(10);
  body[0] = TRANSPARENT;
  body.writeUIntLE(width - 1, 4, 3);
  body.writeUIntLE(height - 1, 7, 3);
  return { name: 'VP8X', body };
}

function file(chunks: readonly Chunk[]): Buffer {
  const written = chunks.flatMap(({ name, body }) => {
    const head = Buffer.alloc(8);
    head.write(name, 0, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return [head, body, Buffer.alloc(body.length % 2)];
  });
  const bytes = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'), ...written]);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  return bytes;
}

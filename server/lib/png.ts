import { promisify } from 'node:util';
import { crc32, deflate, inflate } from 'node:zlib';
import { DAMAGED, MOVING, refuseSize, UnfitPicture, type Picture } from './unfit-picture.js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
// How many values a pixel has, by the kind of colour, and with how many bits each (ISO 15948, 11.2.2).
const KINDS: Readonly<Record<number, { values: number; depths: readonly number[] }>> = {
  0: { values: 1, depths: [1, 2, 4, 8, 16] },
  2: { values: 3, depths: [8, 16] },
  3: { values: 1, depths: [1, 2, 4, 8] },
  4: { values: 2, depths: [8, 16] },
  6: { values: 4, depths: [8, 16] },
};
const PALETTE = 3;
const LAST_FILTER = 4;

interface Chunk {
  name: string;
  body: Buffer;
}

/** Whether these bytes begin as a PNG does. */
export function isPng(bytes: Buffer): boolean {
  return bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE);
}

/**
 * Reads a PNG, and writes it anew from what is seen of it: header, palette, transparency and the lines of pixels, unpacked and
 * packed again. Texts, places, profiles and whatever was hidden between or behind them are gone.
 */
export async function readPng(bytes: Buffer): Promise<Picture> {
  const chunks = [...chunksOf(bytes)];
  const one = (name: string): Buffer | null => chunks.find((chunk) => chunk.name === name)?.body ?? null;
  const header = chunks[0]?.name === 'IHDR' && chunks[0].body.length === 13 ? chunks[0].body : null;
  if (!header || chunks.at(-1)?.name !== 'IEND') throw new UnfitPicture(DAMAGED);
  if (chunks.some(({ name }) => /^(acTL|fcTL|fdAT)$/.test(name))) throw new UnfitPicture(MOVING);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  refuseSize(width, height);
  const [depth = 0, kind = 0, packing, filtering, interlaced] = header.subarray(8);
  const colours = KINDS[kind];
  if (!colours?.depths.includes(depth) || packing !== 0 || filtering !== 0) throw new UnfitPicture(DAMAGED);
  if (interlaced !== 0) throw new UnfitPicture('This picture is interlaced. Save it without that.');

  const palette = kind === PALETTE ? one('PLTE') : null;
  if (kind === PALETTE && (!palette || palette.length === 0 || palette.length % 3 !== 0 || palette.length > 768))
    throw new UnfitPicture(DAMAGED);
  const clear = one('tRNS');
  if (clear && clear.length > 256) throw new UnfitPicture(DAMAGED);

  const packed = Buffer.concat(chunks.filter(({ name }) => name === 'IDAT').map(({ body }) => body));
  const line = 1 + Math.ceil((width * colours.values * depth) / 8);
  const pixels = await promisify(deflate)(await linesOf(packed, line, height), { level: 9 });
  const kept: Chunk[] = [
    { name: 'IHDR', body: header },
    ...(palette ? [{ name: 'PLTE', body: palette }] : []),
    ...(clear ? [{ name: 'tRNS', body: clear }] : []),
    { name: 'IDAT', body: pixels },
    { name: 'IEND', body: Buffer.alloc(0) },
  ];
  return { type: 'png', width, height, bytes: Buffer.concat([SIGNATURE, ...kept.map(written)]) };
}

// Each says how long it is; that it is as it was written its last four bytes prove.
function* chunksOf(bytes: Buffer): Generator<Chunk> {
  let at = SIGNATURE.length;
  while (at < bytes.length) {
    const length = at + 12 <= bytes.length ? bytes.readUInt32BE(at) : Infinity;
    const end = at + 12 + length;
    if (end > bytes.length || crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4))
      throw new UnfitPicture(DAMAGED);
    const name = bytes.toString('latin1', at + 4, at + 8);
    yield { name, body: bytes.subarray(at + 8, end - 4) };
    at = end;
  }
}

// As many lines as the header says, and not a byte more: nothing is unpacked beyond that.
async function linesOf(packed: Buffer, line: number, height: number): Promise<Buffer> {
  let lines: Buffer;
  try {
    lines = await promisify(inflate)(packed, { maxOutputLength: line * height });
  } catch {
    throw new UnfitPicture(DAMAGED);
  }
  const filters = Array.from({ length: height }, (_none, row) => lines[row * line] ?? Infinity);
  if (lines.length !== line * height || filters.some((filter) => filter > LAST_FILTER)) throw new UnfitPicture(DAMAGED);
  return lines;
}

function written({ name, body }: Chunk): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const chunk = Buffer.alloc(named.length + 8);
  chunk.writeUInt32BE(body.length, 0);
  named.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(named), named.length + 4);
  return chunk;
}

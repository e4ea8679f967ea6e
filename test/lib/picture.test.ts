import assert from 'node:assert/strict';
import { deflateSync, inflateSync } from 'node:zlib';
import { readPicture } from '#server/lib/picture.js';
import { UnfitPicture } from '#server/lib/unfit-picture.js';
import {
  END,
  headerOf,
  linesOf,
  partOfPng,
  partsOfPng,
  partsOfWebp,
  png,
  pngOf,
  WEBP,
  webpOf,
  type Part,
} from '../support/pictures.js';

const SECRET = Buffer.from('Author\0Uma Ndiaye, 52.52 N 13.40 E');
const refused = (bytes: Buffer, words: RegExp, what: string): Promise<void> =>
  assert.rejects(
    readPicture(bytes),
    (error: unknown) => error instanceof UnfitPicture && words.test(error.message),
    what,
  );
const partOf = (bytes: Buffer, name: string): Part => {
  const part = partsOfWebp(bytes).find(([one]) => one === name);
  assert.ok(part, name);
  return part;
};

describe('A picture that somebody sends', () => {
  it('is kept as what is seen of it: of a PNG the pixels and their colours, and nothing that tells of who made it', async () => {
    const palette: Part = ['PLTE', Buffer.from([0, 0, 0, 255, 0, 0])];
    const clear: Part = ['tRNS', Buffer.from([0])];
    const hidden: Part[] = ['iCCP', 'tEXt', 'eXIf', 'prVt'].map((name) => [name, SECRET]);
    const paletted = headerOf({ kind: 3, depth: 1 });
    const sound: [what: string, bytes: Buffer, parts: string[]][] = [
      ['with all that it can hide', png(...hidden), ['IHDR', 'IDAT', 'IEND']],
      [
        'with a palette and transparency',
        pngOf([paletted, ...hidden, palette, clear, linesOf(6, 20), ...hidden, END]),
        ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'],
      ],
      ['of greys', pngOf([headerOf({ kind: 0, depth: 16 }), linesOf(81, 20), END]), ['IHDR', 'IDAT', 'IEND']],
      ['with a palette that it needs none of', png(palette), ['IHDR', 'IDAT', 'IEND']],
    ];
    for (const [what, bytes, parts] of sound) {
      const { type, width, height, bytes: kept } = await readPicture(bytes);
      assert.deepEqual([type, width, height], ['png', 40, 20], what);
      assert.deepEqual(partsOfPng(kept), parts, what);
      assert.ok(!kept.includes('Uma'), what);
      assert.deepEqual(await readPicture(kept), { type, width, height, bytes: kept }, `${what}: sound once more`);
    }
  });

  it('is packed anew: behind the lines of a PNG nothing is hidden', async () => {
    const [, lines] = linesOf(161, 20);
    const { bytes } = await readPicture(pngOf([headerOf(), ['IDAT', Buffer.concat([lines, SECRET])], END]));
    assert.ok(!bytes.includes('Uma'));
    assert.deepEqual(inflateSync(bytes.subarray(bytes.indexOf('IDAT') + 4)), inflateSync(lines));
  });

  it('of a WebP the picture and its transparency stay', async () => {
    for (const [what, bytes, parts] of [
      ['lossy', WEBP.lossy, ['VP8 ']],
      ['transparent', WEBP.clear, ['VP8X', 'ALPH', 'VP8 ']],
      ['lossless', WEBP.lossless, ['VP8L']],
    ] as const) {
      const hiding = webpOf([...partsOfWebp(bytes), ['EXIF', SECRET], ['XMP ', SECRET]]);
      for (const given of [bytes, hiding]) {
        const { type, width, height, bytes: kept } = await readPicture(given);
        assert.deepEqual([type, width, height], ['webp', 64, 24], what);
        const names = partsOfWebp(kept).map(([name]) => name);
        assert.deepEqual(names, parts, what);
        for (const name of names) if (name !== 'VP8X') assert.deepEqual(partOf(kept, name), partOf(bytes, name), what);
        assert.deepEqual((await readPicture(kept)).bytes, kept, `${what}: sound once more`);
      }
    }
  });

  it('is refused where it is something else, whatever it is called', async () => {
    for (const text of [
      '',
      '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
      '<?xml version="1.0"?><svg/>',
      'GIF89a',
      '\u00ff\u00d8\u00ff\u00e0 JFIF',
      '<!doctype html><script>alert(1)</script>',
      'RIFF\0\0\0\0WAVE',
      ' \u0089PNG',
    ])
      await refused(Buffer.from(text, 'latin1'), /Choose a PNG or a WebP/, text);
    await refused(Buffer.concat([png(), Buffer.alloc(64 * 1024)]), /at most 64 kB, and this one 65/, 'large');
  });

  const header = headerOf();
  const lines = linesOf(161, 20);
  const [lossy, canvas] = [partOf(WEBP.lossy, 'VP8 '), partOf(WEBP.clear, 'VP8X')];
  const flipped = png();
  flipped[20]! ^= 1;
  const wrong: [what: string, bytes: Buffer, words: RegExp][] = [
    ['one bit turned', flipped, /damaged/],
    ['cut off', png().subarray(0, -20), /damaged/],
    ['the beginning of a PNG alone', png().subarray(0, 8), /damaged/],
    ['a script behind the end', Buffer.concat([png(), Buffer.from('<script>')]), /damaged/],
    ['a part behind the end', Buffer.concat([png(), partOfPng(['tEXt', SECRET])]), /damaged/],
    ['no header', pngOf([lines, END]), /damaged/],
    ['no pixels', pngOf([header, END]), /damaged/],
    ['too few lines', pngOf([header, linesOf(161, 19), END]), /damaged/],
    ['half a line too few', pngOf([header, ['IDAT', deflateSync(Buffer.alloc(161 * 20 - 5))], END]), /damaged/],
    ['too many lines', pngOf([header, linesOf(161, 21), END]), /damaged/],
    ['millions of lines', pngOf([header, ['IDAT', deflateSync(Buffer.alloc(50_000_000))], END]), /damaged/],
    ['a filter that there is not', pngOf([header, linesOf(161, 20, 5), END]), /damaged/],
    ['a kind that there is not', pngOf([headerOf({ kind: 5 }), lines, END]), /damaged/],
    ['bits that there are not', pngOf([headerOf({ kind: 2, depth: 4 }), lines, END]), /damaged/],
    ['no palette', pngOf([headerOf({ kind: 3 }), linesOf(41, 20), END]), /damaged/],
    ['an interlaced PNG', pngOf([headerOf({ interlaced: 1 }), lines, END]), /interlaced/],
    ['a PNG that moves', png(['acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])]), /moves/],
    ['an enormous one', pngOf([headerOf({ width: 60_000, height: 60_000 }), lines, END]), /60000 × 60000/],
    ['a dot', pngOf([headerOf({ width: 1, height: 1 }), linesOf(5, 1), END]), /16 to 1024/],
    ['a WebP that is longer than it says', Buffer.concat([WEBP.lossy, SECRET]), /damaged/],
    ['a WebP that is cut off', WEBP.lossy.subarray(0, -10), /damaged/],
    ['the beginning of a WebP alone', webpOf([]), /damaged/],
    ['two pictures', webpOf([canvas, lossy, lossy]), /damaged/],
    ['no picture', webpOf([['EXIF', SECRET]]), /damaged/],
    ['a lossy one that is none', webpOf([['VP8 ', SECRET]]), /damaged/],
    ['a lossless one that is none', webpOf([['VP8L', SECRET]]), /damaged/],
    ['a WebP that moves', webpOf([canvas, ['ANIM', Buffer.alloc(6)], lossy]), /moves/],
    ['a WebP that says so', webpOf([['VP8X', Buffer.from([2, 0, 0, 0, 63, 0, 0, 23, 0, 0])], lossy]), /moves/],
  ];
  for (const [what, bytes, words] of wrong) it(`is refused: ${what}`, () => refused(bytes, words, what));
});

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { compressedName, versionOf } from '#server/http/assets.js';
import { DIST, PUBLIC } from './places.js';

const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
const ENCODERS = {
  br: (bytes: Buffer) =>
    brotliCompressSync(bytes, { params: { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  gzip: (bytes: Buffer) => gzipSync(bytes, { level: 9 }),
};

/** Writes beside each other the small spellings of every file of `public`, each under the version of what it spells. */
export function compressAssets(from = PUBLIC, to = join(DIST, 'assets')): void {
  const wanted = new Set<string>();
  const there = new Set(filesBelow(to));
  for (const file of filesBelow(from)) {
    const bytes = readFileSync(join(from, file));
    for (const encoding of ['br', 'gzip'] as const) {
      const name = compressedName(file, versionOf(bytes), encoding);
      wanted.add(name);
      if (there.has(name)) continue;
      const small = ENCODERS[encoding](bytes);
      mkdirSync(dirname(join(to, name)), { recursive: true });
      // What does not get smaller, such as a picture, is left as it is.
      if (small.length < bytes.length) writeFileSync(join(to, name), small);
    }
  }
  for (const name of there) if (!wanted.has(name)) rmSync(join(to, name));
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name).slice(folder.length + 1));
  } catch {
    return [];
  }
}

if (process.argv[1] === import.meta.filename) compressAssets();

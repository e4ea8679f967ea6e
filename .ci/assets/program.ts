import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';
import { inAscii } from './ascii.js';
import { DIST, ROOT } from './places.js';

/** Where in the build the programs stand that are started, and what they share. */
const PROGRAMS = ['server/main.ts', 'server/cli/main.ts'];

/**
 * Makes programs of the sources as they are now: each one file, beside what they share and what they load later. To start
 * from the sources is to find, read and turn eight hundred files each time: half a second of processor.
 */
export function makePrograms(programs: readonly string[], outdir: string, options: BuildOptions = {}): void {
  const { outputFiles } = buildSync({
    entryPoints: programs.map((one) => join(ROOT, one)),
    outdir,
    outbase: ROOT,
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    ...options,
    write: false,
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, path.endsWith('.js') ? inAscii(text) : text);
  }
}

if (process.argv[1] === import.meta.filename) {
  for (const before of ['server', 'models', 'policies', 'parts'])
    rmSync(join(DIST, before), { recursive: true, force: true });
  makePrograms(PROGRAMS, DIST, { chunkNames: 'parts/[hash]', sourcemap: true });
}

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';
import { inAscii } from './ascii.js';
import { DIST, ROOT } from './places.js';

/** Where in the build the programs stand that are started, and what they share. */
const PROGRAMS = ['server/main.ts', 'server/cli/main.ts'];

/** Packages that every start reads: they become part of the programs, or their six hundred files would be found and read one by one. */
const TAKEN_IN = [
  ...['@fastify/busboy', 'csv-parse', 'csv-stringify', 'ejs', 'express', 'express-session', 'helmet', 'ipaddr.js'],
  ...['fastest-levenshtein', 'passport', 'passport-local', 'sequelize', 'speakeasy', 'ua-parser-js', 'uuid', 'zod'],
];
/** What those ask for and what stays beside them: lists that are quicker to read as JSON, and a package that nobody here has. */
const LEFT_OUT = ['mime-db', 'moment-timezone', 'pg-hstore'];
const REQUIRE = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

type Packages = Record<'dependencies' | 'devDependencies', Record<string, string>>;

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
    external: [...packages().filter((one) => !TAKEN_IN.includes(one)), ...LEFT_OUT],
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // What is taken in asks for built-in modules, and for what is left out, as it did in a file of its own.
    banner: { js: REQUIRE },
    logLevel: 'error',
    ...options,
    write: false,
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, path.endsWith('.js') ? inAscii(text) : text);
  }
}

function packages(): string[] {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Packages;
  return Object.keys({ ...dependencies, ...devDependencies });
}

if (process.argv[1] === import.meta.filename) {
  for (const before of ['server', 'models', 'policies', 'parts'])
    rmSync(join(DIST, before), { recursive: true, force: true });
  makePrograms(PROGRAMS, DIST, { chunkNames: 'parts/[hash]', sourcemap: true });
}

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { runName } from './run.js';

const PROGRAMS = ['server/main.ts', 'server/cli/main.ts', 'test/support/command-host.ts'] as const;
export type Program = (typeof PROGRAMS)[number];

// Below the project, where its packages are found, and named after the run. Each process of the run makes its own.
const MADE = join(PROJECT_ROOT, 'node_modules/.cache/gatehouse-tests', runName());
let made: string | undefined;

/**
 * A program of the project, made from the sources of now as one file and parts that it loads later, which lie two folders up:
 * to start it from them means to find, read and turn five hundred files each time, and tests start programs hundreds of times.
 */
export function programFile(program: Program): string {
  if (made === undefined) {
    const outdir = join(MADE, String(process.pid));
    buildSync({
      entryPoints: PROGRAMS.map((one) => join(PROJECT_ROOT, one)),
      outdir,
      outbase: PROJECT_ROOT,
      bundle: true,
      splitting: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      logLevel: 'error',
    });
    made = outdir;
  }
  return join(made, program.replace(/\.ts$/, '.js'));
}

/** Removes what the processes of this run have made. */
export function removePrograms(): void {
  rmSync(MADE, { recursive: true, force: true });
}

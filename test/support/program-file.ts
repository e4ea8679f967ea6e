import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { makePrograms } from '../../.ci/assets/program.js';
import { runName } from './run.js';

const PROGRAMS = ['server/main.ts', 'server/cli/main.ts', 'test/support/command-host.ts'] as const;
export type Program = (typeof PROGRAMS)[number];

// Below the project, where its packages are found, and named after the run. Each process of the run makes its own.
const MADE = join(PROJECT_ROOT, 'node_modules/.cache/gatehouse-tests', runName());
let made: string | undefined;

/** A program of the project, made from the sources of now as a build makes it; its parts lie two folders up. Tests start programs hundreds of times. */
export function programFile(program: Program): string {
  if (made === undefined) {
    const outdir = join(MADE, String(process.pid));
    makePrograms(PROGRAMS, outdir, { sourcemap: 'inline' });
    made = outdir;
  }
  return join(made, program.replace(/\.ts$/, '.js'));
}

/** Removes what the processes of this run have made. */
export function removePrograms(): void {
  rmSync(MADE, { recursive: true, force: true });
}

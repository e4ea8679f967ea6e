import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { makePrograms } from '../../.ci/assets/program.js';
import { runName } from './run.js';

const PROGRAMS = ['server/main.ts', 'server/cli/main.ts', 'test/support/command-host.ts'] as const;
export type Program = (typeof PROGRAMS)[number];

// Below the project, where its packages are found, and named after the run.
const HERE = join(PROJECT_ROOT, 'node_modules/.cache/gatehouse-tests', runName());
const MADE = join(HERE, 'programs');
const READY = join(HERE, 'ready');
const MOST_SECONDS = 60;

/**
 * A program of the project, made from the sources of now as a build makes it; its parts lie two folders up. Tests start
 * programs hundreds of times. The first process of the run that needs one makes them all, and the others wait for it.
 */
export function programFile(program: Program): string {
  if (!existsSync(READY)) makeOnce();
  return join(MADE, program.replace(/\.ts$/, '.js'));
}

function makeOnce(): void {
  mkdirSync(dirname(HERE), { recursive: true });
  try {
    mkdirSync(HERE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    waitUntilReady();
    return;
  }
  try {
    makePrograms(PROGRAMS, MADE);
    mkdirSync(READY);
  } catch (error) {
    // Whoever waits for them tries it themselves, and says the same.
    removePrograms();
    throw error;
  }
}

function waitUntilReady(): void {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  for (let waits = 0; !existsSync(READY) && existsSync(HERE); waits += 1) {
    if (waits > MOST_SECONDS * 50) throw new Error('Another process of these tests has not made the programs.');
    Atomics.wait(nothing, 0, 0, 20);
  }
  if (!existsSync(READY)) makeOnce();
}

/** Removes what the processes of this run have made, and before it what one of the same name has left. */
export function removePrograms(): void {
  rmSync(HERE, { recursive: true, force: true });
}

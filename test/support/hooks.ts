import { statfsSync } from 'node:fs';
import type { Context } from 'mocha';
import { useFactors } from '#server/identity/factor-kind.js';
import { FACTOR_KINDS } from '#server/identity/factor-kinds.js';
import { dropPostgres } from './postgres.js';
import { removePrograms } from './program-file.js';
import { stacksOfFailuresOnly } from './query-stacks.js';
import { removeRunFolder } from './run.js';

// A disk is waited for at each commit; memory is not. Each portal takes some megabytes, and gives them back.
const MEMORY = '/dev/shm';
if (process.platform === 'linux' && roomIn(MEMORY) > 2 ** 31) process.env['TMPDIR'] = MEMORY;

// Before the first services are made: some tests ask the lists of the kinds at once.
useFactors(FACTOR_KINDS);
stacksOfFailuresOnly();

const floating: unknown[] = [];
const noteFloating = (error: unknown): number => floating.push(error);

/** Once, in the process that the others come from: they take its number for the name of the run. */
export function mochaGlobalSetup(): void {
  process.env['GATEHOUSE_TEST_RUN'] = String(process.pid);
  removePrograms();
}

export async function mochaGlobalTeardown(): Promise<void> {
  removeRunFolder();
  removePrograms();
  await dropPostgres();
}

export const mochaHooks = {
  // For each file anew: where several run at a time, mocha takes every listener away after each.
  beforeAll(this: Context): void {
    process.off('unhandledRejection', noteFloating).on('unhandledRejection', noteFloating);
    skipWhenLate(this);
  },
  beforeEach(this: Context): void {
    skipWhenLate(this);
  },
  // mocha passes a test that leaves a failed promise behind; nobody would ever look at it.
  afterEach(): void {
    const [first] = floating.splice(0);
    if (first !== undefined)
      throw new Error(`A promise failed that nobody waited for: ${String(first)}`, { cause: first });
  },
};

/** Where `TESTS_BEGIN_UNTIL`, seconds since 1970, is past, what has not begun is skipped, and counted as such. */
function skipWhenLate(test: Context): void {
  const until = Number(process.env['TESTS_BEGIN_UNTIL'] ?? Infinity);
  if (Date.now() > until * 1000) test.skip();
}

/** Bytes that may still be written there. */
function roomIn(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

import { AsyncResource } from 'node:async_hooks';
import type { Database } from './database.js';
import { goingInside, inTransaction, isInTransaction, writeInTransaction } from './transaction.js';
import type { Left, Line, PutOff } from './transaction.js';

/** Who came first waits until so many have been let in. */
const MOST_TOGETHER = 16;

interface Waiting extends Left {
  run: () => Promise<unknown>;
  resolve: (outcome: unknown) => void;
  reject: (error: unknown) => void;
}

const waiting: Waiting[] = [];
let called = false;
// Whoever calls for the next is inside a transaction, and that is another.
const outside = new AsyncResource('shared commit');

/**
 * A transaction that waits for nothing but the database, as those do that let somebody in. On SQLite, where each waits for the
 * one before it, and each commit for the disk, those who wait at the same time share one commit. Each is whole or not there
 * at all, as ever, by a savepoint of its own, and nobody hears of anything before it is kept. PostgreSQL has them side by side.
 */
export async function inShortTransaction<T>(
  { dialect }: Pick<Database, 'dialect'>,
  work: () => Promise<T>,
): Promise<T> {
  if (dialect === 'postgres' || isInTransaction()) return inTransaction(work);
  const left: Left = { hooks: [], puttingOff: [] };
  return new Promise<T>((resolve, reject) => {
    waiting.push({ ...left, run: goingInside(work, left), resolve: resolve as Waiting['resolve'], reject });
    if (!called) call();
  });
}

function call(): void {
  called = waiting.length > 0;
  if (called) outside.runInAsyncScope(() => void oneCommit());
}

async function oneCommit(): Promise<void> {
  const taken: Waiting[] = [];
  const tell: (() => void)[] = [];
  const puttingOff: PutOff[] = [];
  try {
    await inTransaction(async () => {
      try {
        while (taken.length < MOST_TOGETHER) {
          const one = waiting.shift();
          if (!one) break;
          taken.push(one);
          // Nothing is there yet that the failure of the first must leave.
          tell.push(await (taken.length === 1 ? ran(one, puttingOff) : ranApart(one, puttingOff)));
        }
      } finally {
        call();
      }
      await writeAll(puttingOff);
    });
    for (const each of tell) each();
  } catch (error) {
    if (taken.length === 0) {
      // It could not even begin, and nobody else would be called.
      taken.push(...waiting.splice(0));
      called = false;
    }
    for (const { reject } of taken) reject(error);
  }
}

// Each line as one, the lines in the order in which they were begun.
async function writeAll(puttingOff: readonly PutOff[]): Promise<void> {
  const lines = new Map<Line<unknown>, unknown[]>();
  for (const [line, one] of puttingOff) {
    const all = lines.get(line);
    if (all) all.push(one);
    else lines.set(line, [one]);
  }
  for (const [line, all] of lines) await line(all);
}

async function ran({ run, hooks, puttingOff, resolve }: Waiting, all: PutOff[]): Promise<() => void> {
  const outcome = await run();
  all.push(...puttingOff);
  return () => {
    for (const hook of hooks) hook();
    resolve(outcome);
  };
}

async function ranApart(one: Waiting, all: PutOff[]): Promise<() => void> {
  await writeInTransaction('SAVEPOINT apart', []);
  try {
    // Left as it is: the next one is inside it, and the commit keeps them all.
    return await ran(one, all);
  } catch (error) {
    // Where the database has taken all of it back by itself, this fails, and so does all of it.
    await writeInTransaction('ROLLBACK TO apart', []);
    await writeInTransaction('RELEASE apart', []);
    return () => one.reject(error);
  }
}

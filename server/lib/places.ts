import { createFairQueue, type Path } from './fair-queue.js';

/** Who asks for a place. Strangers wait in a line of their own, each network in its turn; so do people who are known. */
export interface Asker {
  known: boolean;
  path: Path;
}

interface Waiting {
  go: () => void;
  giveUp: (why: Error) => void;
}

/** Resolves with what gives the place back. Two lines, of which each has every second turn, so that no crowd at the door holds up who is inside. */
export function createPlaces(
  concurrency: number,
  queue: number,
  busy: () => Error,
): (asker: Asker) => Promise<() => void> {
  demandAtLeast(1, 'concurrency', concurrency);
  demandAtLeast(0, 'queue', queue);
  let free = concurrency;
  let lines = [createFairQueue<Waiting>(queue), createFairQueue<Waiting>(queue)] as const;
  const [strangers, known] = lines;
  const giveBack = (): void => {
    lines = [lines[1], lines[0]];
    const next = lines[0].next() ?? lines[1].next();
    if (next) next.go();
    else free += 1;
  };
  return async (asker) => {
    if (free > 0) free -= 1;
    else
      await new Promise<void>((go, giveUp) => {
        (asker.known ? known : strangers).add(asker.path, { go, giveUp })?.giveUp(busy());
      });
    return giveBack;
  };
}

/** Throws where a number is less than it may be, or none. */
export function demandAtLeast(least: number, name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`Password hashing: ${name} must be a whole number of at least ${least}.`);
}

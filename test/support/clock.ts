import type { Clock } from '#server/lib/clock.js';

export interface MovableClock extends Clock {
  /** Moves the time on by this many milliseconds. */
  move(ms: number): void;
}

/** A clock that runs like the real one, and can be moved. */
export function movableClock(): MovableClock {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    move(ms) {
      ahead += ms;
    },
  };
}

import type { Clock } from '#server/lib/clock.js';

export interface MovableClock extends Clock {
  /** Moves the time on by this many milliseconds. */
  move(ms: number): void;
}

/**
 * A clock that begins at `from`, in ms, and goes on a millisecond each time somebody looks, and otherwise only when it
 * is moved: what is said about minutes and seconds holds on a slow machine, too.
 */
export function movableClock(from = Date.now()): MovableClock {
  let now = from;
  return {
    now: () => (now += 1),
    move(ms) {
      now += ms;
    },
  };
}

import { write, writeSync } from 'node:fs';
import { stdTimeFunctions, type DestinationStream } from 'pino';

/** Takes lines, and writes them together. */
export interface GatheredOutput extends DestinationStream {
  /** Begins to write what waits, now. */
  flush(): void;
  /** Writes what waits before it returns, as far as that can be: for the end of the process. */
  flushSync(): void;
}

const TOGETHER = 4096;
const LATEST = 200;
const AGAIN = 1000;
const MOST = 1_000_000;
const FULL = 'EAGAIN';

/**
 * Lines for a file, a pipe or a terminal, written together, a fifth of a second later at most. Nobody waits for them, and
 * nothing ends with them: where they cannot be written, as the disk is full or the reader is gone, they are kept and tried
 * again, the first megabyte of them, and how many were lost is said in their place.
 */
export function gatheredOutput(fd: number): GatheredOutput {
  let lines = '';
  let begun: Buffer = Buffer.alloc(0);
  let writing = false;
  let refused = false;
  let stalled = false;
  let lost = 0;
  let timer: NodeJS.Timeout | undefined;

  const beginAfter = (time: number): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      begin();
    }, time).unref();
  };

  function begin(): void {
    if (writing || !take()) return;
    writing = true;
    // Whoever reads takes nothing: to wait for that could take for ever.
    const late = setTimeout(() => (stalled = true), AGAIN).unref();
    write(fd, begun, (error, written) => {
      clearTimeout(late);
      writing = stalled = false;
      refused = error !== null;
      if (refused) {
        beginAfter(error?.code === FULL ? LATEST : AGAIN);
        return;
      }
      begun = begun.subarray(written);
      if (begun.length > 0 || lines.length >= TOGETHER || lost > 0) begin();
      else if (lines !== '') beginAfter(LATEST);
    });
  }

  /** Whether there is anything to write, beginning with what was begun. */
  function take(): boolean {
    if (begun.length > 0) return true;
    begun = Buffer.from(lines);
    lines = lost > 0 ? `${lineOfLost(lost)}\n` : '';
    lost = 0;
    return begun.length > 0;
  }

  return {
    write(line) {
      if (lines.length < MOST) lines += line;
      else lost += 1;
      if (refused || lines.length < TOGETHER) beginAfter(LATEST);
      else begin();
    },
    flush: begin,
    flushSync() {
      if (stalled) return;
      if (writing) {
        // What is on its way arrives without us; what came after it, such as why the process ends, would not.
        restOf(fd, Buffer.from(lines));
        lines = '';
        return;
      }
      while (take()) {
        begun = restOf(fd, begun);
        if (begun.length > 0) return;
      }
    },
  };
}

// As the log has its other lines.
function lineOfLost(lost: number): string {
  return `{"level":40${stdTimeFunctions.isoTime()},"lost":${lost},"msg":"lines of this log could not be written"}`;
}

/** What could not be written of it. A pipe that is full has a second to be read. */
function restOf(fd: number, bytes: Buffer): Buffer {
  let rest = bytes;
  for (let tries = 0; rest.length > 0 && tries < 20;)
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== FULL) return rest;
      tries += 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  return rest;
}

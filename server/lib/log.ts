import { pino, type DestinationStream, type Logger } from 'pino';
import { gatheredOutput, type GatheredOutput } from './gathered-output.js';

export type Log = Logger;

/** Where the logs of this process go, made with the first of them. */
let standardOutput: GatheredOutput | undefined;

/** JSON lines on standard output: time, level, message. Never pass a body, a header, a query or a secret. */
export function createLog(level: string, destination?: DestinationStream): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, destination ?? (standardOutput ??= untilTheEnd(gatheredOutput(1))));
}

/** The same, with what is left when the process ends. */
function untilTheEnd(output: GatheredOutput): GatheredOutput {
  process.once('exit', () => output.flushSync());
  return output;
}

/** An error for the log: of a database error the statement, its values and the words of the engine, which may quote them, stay out of it. */
export function describeError(error: unknown) {
  if (!(error instanceof Error)) return { message: 'a thrown value that is no error' };
  const { name, message, stack = '' } = error;
  const { code } = ((error as { parent?: unknown }).parent ?? {}) as { code?: unknown };
  if (code === undefined) return { name, message, stack };
  return {
    name,
    code,
    stack: stack
      .split('\n')
      .filter((one) => /^\s+at /.test(one))
      .join('\n'),
  };
}

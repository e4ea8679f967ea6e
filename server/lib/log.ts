import { pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

/** JSON lines on standard output: time, level, message. Never pass a body, a header, a query or a secret. */
export function createLog(level: string, destination?: DestinationStream): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  // Lines wait for each other, not the requests for them: they are written together, a fifth of a second later at most,
  // what is left when the process ends, and at once after a fatal one.
  const gathered = { sync: false, minLength: 4096, periodicFlush: 200 };
  // What never writes needs no clock that looks whether there is anything to write.
  return pino(options, destination ?? pino.destination({ fd: 1, ...(level === 'silent' ? { sync: true } : gathered) }));
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

import { createRequire } from 'node:module';

interface Query {
  run(...given: unknown[]): Promise<unknown>;
}

/**
 * Sequelize writes out for each statement on SQLite where it was asked from, in case that it fails; to look that up in the
 * sources is a twentieth of what the tests cost. Here it is looked up once one has failed.
 */
export function stacksOfFailuresOnly(): void {
  const require = createRequire(import.meta.url);
  const { prototype } = (require('sequelize/lib/dialects/sqlite/query') as { Query: { prototype: Query } }).Query;
  const run = Reflect.get(prototype, 'run') as Query['run'];
  prototype.run = async function (this: Query, ...given) {
    try {
      return await withoutStack(() => run.apply(this, given));
    } catch (error) {
      if (error instanceof Error) Error.captureStackTrace(error);
      throw error;
    }
  };
}

function withoutStack<T>(work: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

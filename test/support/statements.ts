import type { Portal } from './portal.js';

interface Watched {
  reads: string[];
  queries: string[];
  /** Those beside the reads that have given a row: of what notes something, those that had something to note. */
  written: string[];
}

/** The statements that the portal sends from now on: its quick reads, what it writes alone, and what goes by Sequelize. */
export function watchStatements({ database }: Portal): Watched {
  const watched: Watched = { reads: [], queries: [], written: [] };
  const read = database.read.bind(database);
  const write = database.write.bind(database);
  const query = database.sequelize.query.bind(database.sequelize) as (sql: string, options: object) => Promise<never>;
  Object.assign(database, {
    read: (sql: string, bind: never) => {
      watched.reads.push(sql);
      return read(sql, bind);
    },
    write: async (sql: string, bind: never) => {
      watched.queries.push(sql);
      const given = await write(sql, bind);
      if (given.length > 0) watched.written.push(sql);
      return given;
    },
  });
  Object.assign(database.sequelize, {
    query: async (sql: string, options: object) => {
      watched.queries.push(sql);
      const given: unknown = await query(sql, options);
      if (Array.isArray(given) && given.length > 0) watched.written.push(sql);
      return given;
    },
  });
  return watched;
}

import type { Portal } from './portal.js';

/** The statements that the portal sends from now on: its quick reads, and what goes by Sequelize. */
export function watchStatements({ database }: Portal): { reads: string[]; queries: string[] } {
  const watched = { reads: [] as string[], queries: [] as string[] };
  const read = database.read.bind(database);
  const query = database.sequelize.query.bind(database.sequelize) as (sql: string, options: object) => Promise<never>;
  Object.assign(database, {
    read: (sql: string, bind: never) => {
      watched.reads.push(sql);
      return read(sql, bind);
    },
  });
  Object.assign(database.sequelize, {
    query: (sql: string, options: object) => {
      watched.queries.push(sql);
      return query(sql, options);
    },
  });
  return watched;
}

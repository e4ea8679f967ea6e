import type { Bind } from '#models/database.js';
import type { Portal } from './portal.js';

/** The SELECTs that this work makes, those behind a WITH too, by either way to the database. */
export async function statementsOf(
  { database }: Portal,
  work: () => Promise<unknown>,
): Promise<{ sql: string; bind: Bind }[]> {
  const seen: { sql: string; bind: Bind }[] = [];
  const read = database.read.bind(database);
  const query = database.sequelize.query.bind(database.sequelize);
  const note = (sql: string, bind: Bind): void => {
    if (/^\s*(select|with)\b/i.test(sql)) seen.push({ sql, bind });
  };
  database.read = (sql, bind) => {
    note(sql, bind);
    return read(sql, bind);
  };
  database.sequelize.query = ((given: string | { query: string; bind?: Bind }, options?: { bind?: Bind }) => {
    if (typeof given === 'string') note(given, options?.bind ?? []);
    else note(given.query, given.bind ?? []);
    return query(given as string, options as never);
  }) as never;
  try {
    await work();
  } finally {
    database.read = read;
    database.sequelize.query = query;
  }
  return seen;
}

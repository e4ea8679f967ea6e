import { openDatabase, sqliteFile, type Database } from '#models/database.js';
import { migrate, pendingMigrations } from '#models/migrations/index.js';
import { postgresClient } from '#models/postgres.js';
import { SQLITE_TABLES, tableNames } from '#models/tables.js';
import { COMMAND_LINE } from '#policies/actor.js';
import type { Config } from '#server/config.js';
import { contextWithoutRequest } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { tellOfRotation } from '#server/identity/key-rotation.js';
import { holdKeys } from '#server/keys/known.js';
import type { Log } from '#server/lib/log.js';
import { openServices } from '#server/services.js';
import { verifyAll, type LogVerdict } from '#server/trace/verify-all.js';
import { carryTable, inOrder, sumOf } from './carry.js';
import { notePlatform } from './note.js';
import { openAlone } from './sqlite-file.js';

export interface Copied {
  rows: Record<string, number>;
  logs: LogVerdict[];
}

/** Each database has its own of these. */
const OWN = 'migrations';

/**
 * Carries an installation on SQLite over into an empty PostgreSQL: every row of every table, all of them or none. What
 * arrived is compared with what was sent, value by value, before it counts, and every log is walked there as it was here.
 * The SQLite file stays as it is. Sessions, tokens and second factors are good afterwards, with the same keys.
 */
export async function copyToPostgres(config: Config, log: Log, databaseUrl: string): Promise<Copied> {
  const there = { ...config, databaseUrl };
  await prepare(there);
  const before = await logsOf(config, log);
  const rows = await carry(config, databaseUrl);
  const services = await openServices(there, log);
  try {
    const context = contextWithoutRequest(services, COMMAND_LINE, 'cli');
    await holdKeys(context, tellOfRotation);
    const logs = await verifyAll(services.keys);
    if (JSON.stringify(logs) !== JSON.stringify(before))
      throw new Conflict('The security logs are not what they were. Use the SQLite database on, and report this.');
    await notePlatform(context, 'database.copied', { engine: 'postgres' });
    return { rows, logs };
  } finally {
    await services.database.close();
  }
}

// The tables without a row in them; those that a copy has left that was killed will do.
async function prepare(there: Config): Promise<void> {
  const database = await openDatabase(there).catch((error: unknown) => {
    throw new Conflict(`The database to copy to cannot be opened: ${(error as Error).message}`);
  });
  try {
    if ((await tableNames(database)).length > 0 && !(await isBare(database)))
      throw new Conflict('The database to copy to is not empty. Name an empty one.');
    await migrate(database);
  } finally {
    await database.close();
  }
}

async function isBare(database: Database): Promise<boolean> {
  const tables = await tableNames(database);
  if (!tables.includes(OWN) || (await pendingMigrations(database)).length > 0) return false;
  for (const table of tables)
    if (table !== OWN && (await database.read(`SELECT 1 AS found FROM "${table}" LIMIT 1`, [])).length > 0)
      return false;
  return true;
}

async function logsOf(config: Config, log: Log): Promise<LogVerdict[]> {
  const services = await openServices(config, log);
  try {
    return await verifyAll(services.keys);
  } finally {
    await services.database.close();
  }
}

// In one transaction: whoever kills this leaves the tables empty, and may begin anew.
async function carry(config: Config, databaseUrl: string): Promise<Record<string, number>> {
  const from = await openAlone(sqliteFile(config));
  const to = postgresClient(databaseUrl);
  await to.connect();
  try {
    await to.query('BEGIN');
    const found = await from.all(SQLITE_TABLES);
    const tables = await inOrder(
      to,
      found.map(({ name }) => String(name)).filter((name) => name !== OWN),
    );
    const carried: Record<string, number> = {};
    for (const table of tables) {
      const sent = await carryTable(from, to, table);
      const arrived = await sumOf(to, table);
      if (sent.count !== arrived.count || sent.sum !== arrived.sum)
        throw new Conflict(`${table} did not arrive as it was sent, so nothing was copied. Report this.`);
      carried[table] = sent.count;
      // Else each row of the next that refers to this one would be looked for among all.
      await to.query(`ANALYZE "${table}"`);
    }
    await to.query('COMMIT');
    // Else the first to ask of a large table would look at each row whether it is there.
    await to.query('VACUUM').catch(() => undefined);
    return carried;
  } finally {
    await to.end();
    await from.close();
  }
}

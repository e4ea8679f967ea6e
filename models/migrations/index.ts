import type { Sequelize } from 'sequelize';
import type { Database } from '../database.js';
import { settle } from '../tables.js';
import { alone, executed } from './ledger.js';
import { MIGRATIONS } from './list.js';

/** One change of the schema: statements for both engines, those of one engine alone, then what SQL cannot work out. */
export interface Migration {
  name: string;
  up: readonly string[];
  sqlite?: readonly string[];
  postgres?: readonly string[];
  fill?: (sequelize: Sequelize) => Promise<void>;
  down: readonly string[];
  sqliteDown?: readonly string[];
  postgresDown?: readonly string[];
}

/** Brings the schema up to date; several processes may call it at once. Gives the names of what it ran. */
export async function migrate(database: Database): Promise<string[]> {
  const { sequelize, dialect } = database;
  const ran = await alone(database, async () => {
    await sequelize.query(
      'CREATE TABLE IF NOT EXISTS migrations (name VARCHAR(100) PRIMARY KEY, ran_at BIGINT NOT NULL)',
    );
    await refuseLater(database);
    const pending = await pendingMigrations(database);
    for (const { name, up, fill, [dialect]: own = [] } of MIGRATIONS.filter((migration) =>
      pending.includes(migration.name),
    )) {
      for (const statement of [...up, ...own]) await sequelize.query(statement);
      await fill?.(sequelize);
      await sequelize.query('INSERT INTO migrations (name, ran_at) VALUES ($1, $2)', { bind: [name, Date.now()] });
    }
    return pending;
  });
  // A migration may have changed every row of an installation that there was before.
  if (ran.length > 0 && ran.length < MIGRATIONS.length) await settle(database);
  return ran;
}

/** Undoes every migration, newest first. */
export async function revertAll(database: Database): Promise<void> {
  const { sequelize, dialect } = database;
  await alone(database, async () => {
    const pending = await pendingMigrations(database);
    for (const { name, down, sqliteDown = [], postgresDown = [] } of MIGRATIONS.toReversed().filter(
      (migration) => !pending.includes(migration.name),
    )) {
      for (const statement of [...down, ...(dialect === 'postgres' ? postgresDown : sqliteDown)])
        await sequelize.query(statement);
      await sequelize.query('DELETE FROM migrations WHERE name = $1', { bind: [name] });
    }
  });
}

/** The names of all migrations that this version knows, in their order. */
export function migrationNames(): string[] {
  return MIGRATIONS.map(({ name }) => name);
}

/** The names of the migrations that have not been run. Changes nothing. */
export async function pendingMigrations(database: Database): Promise<string[]> {
  const ran = new Set(await executed(database));
  return migrationNames().filter((name) => !ran.has(name));
}

/** Throws where a later version has changed the schema: what this one does not know of it, it would spoil. */
export async function refuseLater(database: Database): Promise<void> {
  const known = new Set(migrationNames());
  const unknown = (await executed(database)).filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new Error(
      `The database was brought up to date by a later version of Gatehouse, which this one does not know (${unknown.join(', ')}). Use that version, or restore the backup of before into an empty place.`,
    );
}

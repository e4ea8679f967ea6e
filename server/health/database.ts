import { pendingMigrations } from '#models/migrations/index.js';
import { counted } from '#policies/counted.js';
import type { Services } from '#server/context.js';
import { keyFault } from '#server/keys/known.js';
import { VERSION } from '#server/lib/project-root.js';
import type { Finding } from './finding.js';

const NAMES = { sqlite: 'SQLite', postgres: 'PostgreSQL' };
const VERSIONS = {
  sqlite: 'SELECT sqlite_version() AS version',
  postgres: `SELECT current_setting('server_version') AS version`,
};

const WRITES = `SELECT current_setting('transaction_read_only') AS read_only, pg_is_in_recovery() AS standby`;

/** Why PostgreSQL takes no writes, which it answers all the same: it is a standby, or was told so. Null where it does, and on SQLite. */
export async function takesNoWrites({ read, dialect }: Services['database']): Promise<string | null> {
  if (dialect === 'sqlite') return null;
  const [row] = await read(WRITES, []);
  if (row?.['standby'] === true)
    return 'PostgreSQL takes no writes: it is a standby. Name the primary in DATABASE_URL.';
  if (row?.['read_only'] === 'on')
    return 'PostgreSQL takes no writes: it was set to read only, as some providers do where its disk is nearly full.';
  return null;
}

/** Whether the database answers, and takes writes: what every request stands on. */
export async function checkDatabase({ database }: Services): Promise<Finding> {
  await database.sequelize.query('SELECT 1 FROM tenants LIMIT 1', { transaction: null });
  const unwritten = await takesNoWrites(database);
  const size = database.dialect === 'postgres' ? await postgresSize(database) : {};
  return {
    about: 'database',
    state: unwritten === null ? 'ok' : 'fail',
    text: unwritten ?? `${NAMES[database.dialect]} answers.`,
    figures: { database_up: 1, ...size },
  };
}

async function postgresSize({ read }: Services['database']): Promise<Record<string, number>> {
  const [row] = await read('SELECT pg_database_size(current_database()) AS size', []);
  return { database_size_bytes: Number(row?.['size']) };
}

/** Whether the database is as this version of Gatehouse needs it. */
export async function checkMigrations({ database }: Services): Promise<Finding> {
  const pending = await pendingMigrations(database);
  const figures = { migrations_pending: pending.length };
  return pending.length === 0
    ? { about: 'migrations', state: 'ok', text: 'The database is up to date.', figures }
    : {
        about: 'migrations',
        state: 'fail',
        text: `${counted(pending.length, 'migration has', 'migrations have')} not been run. Run: migrate`,
        figures,
      };
}

/** Whether the keys are those of the database, and how many there are. */
export async function checkKeys(services: Services): Promise<Finding> {
  const { ids, currentId } = services.keys;
  const fault = await keyFault(services);
  const retired = ids.filter((id) => id !== currentId);
  const text = `The current key is ${currentId}${retired.length > 0 ? `; retired: ${retired.join(', ')}` : ''}.`;
  return { about: 'keys', state: fault === null ? 'ok' : 'fail', text: fault ?? text, figures: { keys: ids.length } };
}

/** What is running here. */
export async function checkVersions({ database }: Services): Promise<Finding> {
  const [row] = await database.read(VERSIONS[database.dialect], []);
  const engine = `${NAMES[database.dialect]} ${String(row?.['version'])}`;
  return { about: 'versions', state: 'ok', text: `Gatehouse ${VERSION}, Node ${process.versions.node}, ${engine}.` };
}

import { availableParallelism } from 'node:os';
import { tooFewConnections } from '#models/connections.js';
import type { Database } from '#models/database.js';
import { connect } from '#models/index.js';
import { keptApart } from '#models/kept-apart.js';
import { migrate, pendingMigrations, refuseLater } from '#models/migrations/index.js';
import type { Config } from './config.js';
import type { Services } from './context.js';
import { Conflict, Unavailable } from './errors.js';
import { useFactors } from './identity/factor-kind.js';
import { FACTOR_KINDS } from './identity/factor-kinds.js';
import { Aside } from './lib/aside.js';
import { systemClock, type Clock } from './lib/clock.js';
import { createKeyring } from './lib/keyring.js';
import { createLog, type Log } from './lib/log.js';
import { Meters } from './lib/meters.js';
import { createPasswordHasher, hashingPlaces } from './lib/password-hash.js';
import { rereadSecretKeys } from './secret-keys.js';

export interface ServicesOptions {
  config: Config;
  database: Database;
  clock?: Clock;
  log?: Log;
}

/** The services that an app, a job and the command line share. */
export function createServices({
  config,
  database,
  clock = systemClock,
  log = createLog(config.logLevel),
}: ServicesOptions): Services {
  useFactors(FACTOR_KINDS);
  // The processes of one machine share its cores, so each hashes on its part of them.
  const concurrency = hashingPlaces(Math.floor(availableParallelism() / config.workers));
  const file = config.secretKeyFile;
  return {
    config,
    database,
    clock,
    log,
    keys: createKeyring(config.secretKeys, () => (file === null ? null : rereadSecretKeys(file, config.env))),
    aside: new Aside(),
    meters: new Meters(config.metricsToken !== null),
    passwords: createPasswordHasher({ ...config.passwordHash, concurrency }),
  };
}

/** Brings the database up to date, and says in the log what was done and which names it could not bring to one form. */
export async function bringUpToDate({ config, database, log }: Services): Promise<void> {
  for (const line of config.misspelt) log.warn(line);
  const few = await tooFewConnections(database, config.workers);
  if (few !== null) log.warn(few);
  const migrations = await migrate(database);
  if (migrations.length === 0) return;
  log.info({ migrations }, 'database migrated');
  for (const line of await keptApart()) log.warn(line);
}

/** Throws where the database is not as this version needs it, or a later one has changed it. */
export async function demandUpToDate(database: Database): Promise<void> {
  await refuseLater(database);
  if ((await pendingMigrations(database)).length > 0)
    throw new Conflict('The database is not up to date. Bring it up to date first, with: migrate');
}

/** Opens the database of the settings, with its services. What it throws says which setting leads nowhere. */
export async function openServices(config: Config, log: Log): Promise<Services> {
  try {
    return createServices({ config, database: await connect(config), log });
  } catch (error) {
    const where = config.databaseUrl === null ? `in DATA_DIR, ${config.dataDir}` : 'that DATABASE_URL names';
    throw new Unavailable(`The database ${where} cannot be opened: ${(error as Error).message}`);
  }
}

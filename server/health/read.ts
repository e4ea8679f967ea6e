import type { Services } from '#server/context.js';
import { checkClock } from './clock.js';
import { checkDatabase, checkKeys, checkMigrations, checkVersions } from './database.js';
import { checkDisk } from './disk.js';
import type { Finding } from './finding.js';
import { checkBackup, checkJobs, checkLeases, checkMailServer, checkOutbox } from './work.js';

const CHECKS: Readonly<Record<string, (services: Services) => Promise<Finding>>> = {
  database: checkDatabase,
  migrations: checkMigrations,
  keys: checkKeys,
  mail: checkMailServer,
  outbox: checkOutbox,
  jobs: checkJobs,
  leases: checkLeases,
  disk: ({ config }) => checkDisk(config),
  clock: checkClock,
  backup: checkBackup,
  versions: checkVersions,
};

/** Looks at everything that an operator wants to know of. What cannot be looked at is found to fail. */
export async function readHealth(services: Services): Promise<Finding[]> {
  return Promise.all(
    Object.entries(CHECKS).map(async ([about, check]) => {
      try {
        return await check(services);
      } catch {
        // The words of an engine may quote what it was asked.
        const figures = about === 'database' ? { database_up: 0 } : {};
        return { about, state: 'fail' as const, text: 'This cannot be read: the database does not answer.', figures };
      }
    }),
  );
}

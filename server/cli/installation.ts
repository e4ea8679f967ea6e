import { existsSync } from 'node:fs';
import { sqliteFile } from '#models/database.js';
import { migrate } from '#models/migrations/index.js';
import { COMMAND_LINE } from '#policies/actor.js';
import { loadConfig, readDotEnv } from '#server/config.js';
import {
  contextWithoutRequest,
  type Context,
  type Services,
  type TenantContext,
  type TenantInContext,
} from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { tellOfRotation } from '#server/identity/key-rotation.js';
import { holdKeys } from '#server/keys/known.js';
import { createLog } from '#server/lib/log.js';
import { demandUpToDate, openServices } from '#server/services.js';

/** What a command works on. */
export interface Installation {
  services: Services;
  /** The context of an action, in this tenant or in none: the log will say that the command line did it. */
  context: { (tenant: TenantInContext): TenantContext; (): Context };
  /** The migrations that have just been run. */
  migrated: string[];
}

/**
 * Opens the installation that the settings name, and closes it again after the work. With `migrate` it is brought up to
 * date, or made; with `demand` it must be there: a command in a wrong folder must not leave a new, empty one behind.
 */
export async function withInstallation(
  schema: 'migrate' | 'demand',
  work: (installation: Installation) => Promise<void>,
): Promise<void> {
  readDotEnv();
  const config = loadConfig(undefined, schema === 'migrate' ? 'make' : 'leave');
  if (schema === 'demand') {
    if (config.databaseUrl === null && !existsSync(sqliteFile(config))) {
      throw new Conflict(
        `There is no database in ${config.dataDir}. Set DATA_DIR to its folder, or make one with: migrate`,
      );
    }
    if (config.secretKeys.length === 0) {
      throw new Conflict(
        `There is no secret key in ${config.dataDir}. Set DATA_DIR to its folder, or give SECRET_KEY or SECRET_KEY_FILE.`,
      );
    }
  }
  // Standard output is for what was asked for, and for nothing else.
  const services = await openServices(
    config,
    createLog(config.logLevel, { write: (line: string) => void process.stderr.write(line) }),
  );
  try {
    const migrated = schema === 'migrate' ? await migrate(services.database) : [];
    await demandUpToDate(services.database);
    const context = (tenant?: TenantInContext) =>
      contextWithoutRequest(services, COMMAND_LINE, 'cli', tenant ?? null) as TenantContext;
    await holdKeys(context(), tellOfRotation);
    await work({ services, migrated, context });
  } finally {
    await services.database.close();
  }
}

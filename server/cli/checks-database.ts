import { existsSync } from 'node:fs';
import { Op, QueryTypes } from 'sequelize';
import { sqliteFile } from '#models/database.js';
import { keptApart } from '#models/kept-apart.js';
import { pendingMigrations } from '#models/migrations/index.js';
import { PLATFORM_SLUG, Tenant } from '#models/tenant.js';
import type { Config } from '#server/config.js';
import type { Services } from '#server/context.js';
import { keyFault } from '#server/keys/known.js';
import { MINUTE, SECOND } from '#server/lib/clock.js';
import { createLog } from '#server/lib/log.js';
import { openServices } from '#server/services.js';
import type { Finding } from './checks.js';

/** The database, its schema and keys, and the clock, which sign-in codes and expiry stand on. */
export async function* checkDatabase(config: Config): AsyncGenerator<Finding> {
  const about = 'database';
  if (config.databaseUrl === null && !existsSync(sqliteFile(config))) {
    yield { state: 'warn', about, text: `There is no database in ${config.dataDir} yet. The first start makes it.` };
    return;
  }
  if (config.secretKeys.length === 0) {
    yield {
      state: 'FAIL',
      about,
      text: 'There is a database but no secret key, so nothing that is sealed in it can be opened. Put the key back, or set SECRET_KEY.',
    };
    return;
  }
  let services: Services;
  try {
    services = await openServices(config, createLog('silent'));
  } catch (error) {
    yield { state: 'FAIL', about, text: errorLine(error) };
    return;
  }
  try {
    const pending = await pendingMigrations(services.database);
    if (pending.length > 0)
      yield { state: 'FAIL', about, text: `${pending.length} migrations have not been run. Run: migrate` };
    else {
      yield {
        state: 'ok',
        about,
        text: `${config.databaseUrl === null ? 'SQLite' : 'PostgreSQL'} answers and is up to date.`,
      };
      const fault = await keyFault(services);
      yield fault === null
        ? { state: 'ok', about: 'keys', text: `The database was made with ${services.keys.ids.join(', ')}.` }
        : { state: 'FAIL', about: 'keys', text: fault };
      for (const text of await keptApart()) yield { state: 'warn', about: 'names', text };
      yield await checkClock(services);
      yield* checkGuards(await Tenant.count({ where: { slug: { [Op.ne]: PLATFORM_SLUG } } }));
    }
  } catch (error) {
    yield { state: 'FAIL', about, text: errorLine(error) };
  } finally {
    await services.database.close();
  }
}

function* checkGuards(organizations: number): Generator<Finding> {
  if (organizations < 2) return;
  yield {
    state: 'warn',
    about: 'guards',
    text: `There are ${organizations} organisations. A proxy that asks forward-auth without ?organization= lets the people of all of them pass.`,
  };
}

async function checkClock({ database, clock }: Services): Promise<Finding> {
  const about = 'clock';
  const [newest] = await database.read('SELECT MAX(at) AS at FROM security_events', []);
  const behind = Number(newest?.['at'] ?? 0) - clock.now();
  if (behind > MINUTE) {
    return {
      state: 'FAIL',
      about,
      text: `The clock is ${Math.ceil(behind / MINUTE)} minutes behind the newest row of the security log. Set it right: sign-in codes and expiry stand on it.`,
    };
  }
  if (database.dialect === 'postgres') {
    const [row] = await database.sequelize.query<{ at: number }>(
      'SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS at',
      { type: QueryTypes.SELECT },
    );
    const apart = Math.abs(Number(row?.at) - clock.now());
    if (apart > 5 * SECOND)
      return {
        state: 'FAIL',
        about,
        text: `This machine and the database differ by ${Math.round(apart / SECOND)} seconds. Set both by NTP.`,
      };
  }
  const [ahead] = await database.read('SELECT COUNT(*) AS people FROM totp_secrets WHERE last_step > $1', [
    Math.ceil((clock.now() + MINUTE) / (30 * SECOND)),
  ]);
  if (Number(ahead?.['people']) > 0)
    return {
      state: 'warn',
      about,
      text: `The clock was ahead: ${ahead?.['people']} people used a code of a time to come, and until then no code of theirs is taken. Recovery codes are; or reset their two-factor authentication.`,
    };
  return { state: 'ok', about, text: new Date(clock.now()).toISOString() };
}

function errorLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ');
}

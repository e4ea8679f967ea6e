import { existsSync } from 'node:fs';
import { Op } from 'sequelize';
import { tooFewConnections } from '#models/connections.js';
import { sqliteFile } from '#models/database.js';
import { keptApart } from '#models/kept-apart.js';
import { pendingMigrations, refuseLater } from '#models/migrations/index.js';
import { Passkey } from '#models/passkey.js';
import { PLATFORM_SLUG, Tenant } from '#models/tenant.js';
import { miscounted } from '#models/user-counts.js';
import { counted } from '#policies/counted.js';
import type { Config } from '#server/config.js';
import type { Services } from '#server/context.js';
import { relyingPartyOf } from '#server/identity/relying-party.js';
import { readHealth } from '#server/health/read.js';
import { createLog } from '#server/lib/log.js';
import { openServices } from '#server/services.js';
import type { Finding } from './checks.js';

// By the checks before this one.
const SAID_BEFORE: ReadonlySet<string> = new Set(['database', 'migrations', 'disk', 'mail']);

/** The database, and what stands on it, as the page of health has it. */
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
    await refuseLater(services.database);
    const pending = await pendingMigrations(services.database);
    if (pending.length > 0)
      yield {
        state: 'FAIL',
        about,
        text: `${counted(pending.length, 'migration has', 'migrations have')} not been run. Run: migrate`,
      };
    else {
      yield {
        state: 'ok',
        about,
        text: `${config.databaseUrl === null ? 'SQLite' : 'PostgreSQL'} answers and is up to date.`,
      };
      for (const { about: what, state, text } of await readHealth(services))
        if (!SAID_BEFORE.has(what) || (what === about && state !== 'ok'))
          yield { about: what, state: state === 'fail' ? 'FAIL' : state, text };
      const few = await tooFewConnections(services.database, config.workers);
      if (few !== null) yield { state: 'warn', about, text: few };
      for (const text of await keptApart()) yield { state: 'warn', about: 'names', text };
      yield* await checkPasskeys(services);
      yield* await checkSearch(services);
      yield* await checkCounts(services);
      yield* checkGuards(await Tenant.count({ where: { slug: { [Op.ne]: PLATFORM_SLUG } } }));
    }
  } catch (error) {
    yield { state: 'FAIL', about, text: errorLine(error) };
  } finally {
    await services.database.close();
  }
}

// They answer to the address that they were made at, and wake when it comes back.
async function checkPasskeys({ config }: Services): Promise<Finding[]> {
  const tenants = await Tenant.findAll({ attributes: ['id', 'slug', 'name'] });
  let asleep = 0;
  for (const tenant of tenants) {
    const id = relyingPartyOf(config, tenant)?.id ?? '';
    asleep += await Passkey.count({ where: { tenantId: tenant.id, rpId: { [Op.ne]: id } } });
  }
  if (asleep === 0) return [];
  const [one, them] =
    asleep === 1 ? ['One passkey sleeps', 'its owner signs'] : [`${asleep} passkeys sleep`, 'their owners sign'];
  const text = `${one}: made for another address of the portal than BASE_URL, or BASE_DOMAIN, has now. Put that back, or ${them} in with a recovery code or an app, and add new ones.`;
  return [{ state: 'warn', about: 'passkeys', text }];
}

async function checkSearch({ database }: Services): Promise<Finding[]> {
  if (database.dialect === 'sqlite') return [];
  const indexes = ['users', 'api_credentials', 'ssh_keys'].map((table) => ({ table, name: `${table}_by_trigram` }));
  const found = await database.read("SELECT indexname FROM pg_indexes WHERE indexname LIKE '%\\_by\\_trigram'", []);
  const wanted = indexes.filter(({ name }) => !found.some((row) => row['indexname'] === name));
  if (wanted.length === 0) return [];
  const made = wanted.map(({ table, name }) => `CREATE INDEX ${name} ON ${table} USING gin (search_key gin_trgm_ops);`);
  const text = `PostgreSQL lacks pg_trgm, or an index by it, so searching very many users or credentials is slow. Install it (package postgresql-contrib), then run in the database: CREATE EXTENSION IF NOT EXISTS pg_trgm; ${made.join(' ')}`;
  return [{ state: 'warn', about: 'search', text }];
}

// Triggers keep them, so this is a hand that wrote past them, or a file that is damaged.
async function checkCounts({ database }: Services): Promise<Finding[]> {
  if ((await miscounted(database)) === 0) return [];
  const text =
    'The overview counts other accounts than there are. Within ten minutes of serving they are counted anew; if this comes back, check the database itself.';
  return [{ state: 'warn', about: 'figures', text }];
}

function* checkGuards(organizations: number): Generator<Finding> {
  if (organizations < 2) return;
  yield {
    state: 'warn',
    about: 'guards',
    text: `There are ${organizations} organisations. A proxy that asks forward-auth without ?organization= lets the people of all of them pass.`,
  };
}

function errorLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ');
}

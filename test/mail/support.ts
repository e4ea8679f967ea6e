import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '#models/database.js';
import { connect } from '#models/index.js';
import { migrate } from '#models/migrations/index.js';
import { Tenant } from '#models/tenant.js';
import { SYSTEM } from '#policies/actor.js';
import { loadConfig, type Config } from '#server/config.js';
import { contextWithoutRequest, type Context, type Services } from '#server/context.js';
import { createLog } from '#server/lib/log.js';
import { createServices } from '#server/services.js';
import type { MailRecipient } from '#server/mail/values.js';
import { movableClock, type MovableClock } from '../support/clock.js';
import { emptyPostgres } from '../support/postgres.js';

export const BASE_URL = 'https://portal.acme.example';

export const uma: MailRecipient = {
  id: null,
  email: 'uma@acme.example',
  name: 'Uma Ndiaye',
  username: 'uma',
  locale: 'en',
  timeZone: 'Europe/Berlin',
};

/** What every mail about a sign-in or a change has among its variables. */
export const DISAVOWAL = { disavowalLink: '/disavowal/sample', validFor: '7 days' };

export interface World {
  config: Config;
  database: Database;
  services: Services;
  clock: MovableClock;
  tenant: Tenant;
  dataDir: string;
  logLines: string[];
  /** The context of a request by Firefox from 203.0.113.7. */
  context(changes?: Partial<Context>): Context;
  close(): Promise<void>;
}

/** The engine to run on: PostgreSQL where TEST_DATABASE_URL names a server. The run without one has had SQLite. */
export const ENGINES: readonly Database['dialect'][] = process.env['TEST_DATABASE_URL'] ? ['postgres'] : ['sqlite'];

/** A database of this engine, built by the migrations, with one organisation in it, and what the process shares. */
export async function makeWorld(engine: Database['dialect'], env: Record<string, string> = {}): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-mail-'));
  const databaseUrl = engine === 'postgres' ? ((await emptyPostgres()) ?? '') : '';
  const config = loadConfig({
    NODE_ENV: 'test',
    DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    BASE_URL,
    TRUST_PROXY: '1',
    MAIL_FROM: 'Gatehouse <gatehouse@acme.example>',
    ...env,
  });
  const database = await connect(config);
  await migrate(database);
  const clock = movableClock();
  const logLines: string[] = [];
  const log = createLog('debug', { write: (line: string) => void logLines.push(line) });
  const services = createServices({ config, database, clock, log });
  const tenant = await Tenant.create({ slug: 'acme', name: 'Acme', createdAt: clock.now() });
  return {
    config,
    database,
    services,
    clock,
    tenant,
    dataDir,
    logLines,
    context: (changes = {}) => ({
      ...contextWithoutRequest(services, SYSTEM, 'web'),
      ip: '203.0.113.7',
      client: { browser: 'Firefox 143', engine: 'Gecko 143', os: 'Linux', model: null, architecture: 'amd64' },
      ...changes,
    }),
    async close() {
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '#models/index.js';
import { migrate } from '#models/migrations/index.js';
import { COMMAND_LINE } from '#policies/actor.js';
import { loadConfig, type Config } from '#server/config.js';
import { contextWithoutRequest } from '#server/context.js';
import { seedDemo, type DemoUser } from '#server/features/demo/actions.js';
import { createLog } from '#server/lib/log.js';
import { createServices } from '#server/services.js';
import { emptyPostgres, postgresCopy } from './postgres.js';
import { runFolder } from './run.js';

/** An installation of its own for one portal. */
export interface Installed {
  dataDir: string;
  databaseUrl: string | null;
  cast: DemoUser[];
  /** When it was as it is, in ms: a portal on it goes on from there. */
  madeAt: number;
}

interface Template extends Pick<Installed, 'cast' | 'madeAt'> {
  folder: string;
  database: string | null;
}

/** Who lives in the copy: the cast, who all have this password, or nobody. */
export type Cast = { password: string } | null;

const templates = new Map<string, Promise<Template>>();

/** The floor of what argon2id may cost: tests sign in a thousand times. */
export function testConfig(settings: Record<string, string>): Config {
  return { ...loadConfig(settings), passwordHash: { memoryCost: 19_456, timeCost: 2, parallelism: 1 } };
}

/** What the migrations make, and who lives there: made once in a process, and copied for each portal. */
export async function install(who: Cast): Promise<Installed> {
  const name = `${process.pid}_${who ? 'cast' : 'bare'}`;
  let made = templates.get(name);
  if (!made) templates.set(name, (made = makeTemplate(name, who)));
  const { folder, database, ...rest } = await made;
  const dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
  cpSync(folder, dataDir, { recursive: true });
  return { dataDir, databaseUrl: database && (await postgresCopy(database)), ...rest };
}

async function makeTemplate(name: string, who: Cast): Promise<Template> {
  const folder = join(runFolder(), name);
  mkdirSync(folder, { recursive: true });
  const databaseUrl = await emptyPostgres(name);
  const config = testConfig({ NODE_ENV: 'test', DATA_DIR: folder, DATABASE_URL: databaseUrl ?? '' });
  const database = await connect(config);
  await migrate(database);
  const services = createServices({ config, database, clock: { now: Date.now }, log: createLog('silent') });
  const cast = who ? await seedDemo(contextWithoutRequest(services, COMMAND_LINE, 'cli'), who) : [];
  await services.aside.settled();
  await database.close();
  return { folder, database: databaseUrl && name, cast, madeAt: Date.now() };
}

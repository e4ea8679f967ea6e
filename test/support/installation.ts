import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '#server/config.js';
import type { Services } from '#server/context.js';
import { createLog } from '#server/lib/log.js';
import { openServices } from '#server/services.js';
import type { Finished } from './command-host.js';
import { gatehouse } from './commands.js';
import { PASSWORD } from './portal.js';
import { emptyPostgres, postgresCopy } from './postgres.js';
import { runFolder } from './run.js';

/** A folder with nothing in it, and a database with nothing in it, for programs that are started as an operator would. */
export interface Installation {
  folder: string;
  dataDir: string;
  settings: Record<string, string>;
  /** Runs a command on it to its end. */
  run(args: readonly string[], input?: string): Promise<Finished>;
  /** The same, where the command must be done; gives its standard output. */
  done(...args: string[]): Promise<string>;
  /** Looks at what the programs left, from here. */
  look<T>(work: (services: Services) => Promise<T>): Promise<T>;
  remove(): void;
}

export async function emptyInstallation(): Promise<Installation> {
  return installationAt(mkdtempSync(join(tmpdir(), 'gatehouse-test-')), await emptyPostgres());
}

let made: Promise<Installation> | undefined;

/** The same with the demonstration, all of whom have the one password: a copy of what the command made for this process. */
export async function demonstration(): Promise<Installation> {
  const first = await (made ??= makeDemonstration());
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
  cpSync(first.folder, folder, { recursive: true });
  return installationAt(folder, await postgresCopy(nameOfDemonstration()));
}

const nameOfDemonstration = (): string => `${process.pid}_demonstration`;

async function makeDemonstration(): Promise<Installation> {
  const name = nameOfDemonstration();
  const folder = join(runFolder(), name);
  mkdirSync(folder);
  const first = installationAt(folder, await emptyPostgres(name));
  await first.done('demo', '--password', PASSWORD);
  return first;
}

function installationAt(folder: string, databaseUrl: string | null): Installation {
  const dataDir = join(folder, 'data');
  const settings = { DATA_DIR: dataDir, DATABASE_URL: databaseUrl ?? '', LOG_LEVEL: 'info' };
  const run = (args: readonly string[], input = ''): Promise<Finished> => gatehouse(args, folder, settings, input);
  return {
    folder,
    dataDir,
    settings,
    run,
    async done(...args) {
      const { code, stdout, stderr } = await run(args);
      if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}: ${stderr}`);
      return stdout;
    },
    async look(work) {
      const services = await openServices(loadConfig(settings), createLog('silent'));
      try {
        return await work(services);
      } finally {
        await services.database.close();
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

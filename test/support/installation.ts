import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '#server/config.js';
import type { Services } from '#server/context.js';
import { createLog } from '#server/lib/log.js';
import { openServices } from '#server/services.js';
import { emptyPostgres } from './postgres.js';
import { gatehouse, type Finished } from './process.js';

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
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
  const dataDir = join(folder, 'data');
  const settings = { DATA_DIR: dataDir, DATABASE_URL: (await emptyPostgres()) ?? '', LOG_LEVEL: 'info' };
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

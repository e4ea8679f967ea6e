import { InvalidArgumentError, type Command } from 'commander';
import { counted } from '#policies/counted.js';
import { copyToPostgres } from '#server/backup/copy.js';
import type { Config } from '#server/config.js';
import { Conflict } from '#server/errors.js';
import { withInstallation } from './installation.js';
import { print } from './print.js';

export function addDatabase(program: Command): void {
  program
    .command('database')
    .description('the database as a whole')
    .command('copy')
    .argument('<url>', 'an empty PostgreSQL, as DATABASE_URL names one', postgresAddress)
    .description('carry an installation on SQLite over into PostgreSQL; Gatehouse must not be running')
    .action(async (url: string) => {
      let installed: { config: Config; log: Parameters<typeof copyToPostgres>[1] } | undefined;
      // Looks whether it is there, up to date and has its keys, and closes it again: it is opened by this program alone then.
      await withInstallation('demand', ({ services }) => {
        installed = services;
        return Promise.resolve();
      });
      if (!installed) return;
      if (installed.config.databaseUrl !== null)
        throw new Conflict('DATABASE_URL names PostgreSQL already. Leave it empty, and DATA_DIR names what is copied.');
      const { rows, logs } = await copyToPostgres(installed.config, installed.log, url);
      const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
      print(
        `${counted(total, 'row')} of ${counted(Object.keys(rows).length, 'table')} were copied, and are there as they were here.`,
      );
      for (const { called, verdict } of logs) {
        if (verdict.intact) print(`The log of ${called}: intact, ${counted(verdict.count, 'row')}.`);
        else print(`The log of ${called} is broken at row ${verdict.seq}, here as there: ${verdict.why}`);
      }
      print('Set DATABASE_URL to it, leave the secret key as it is, and start Gatehouse.');
      print(`Keep ${installed.config.dataDir}: the key may lie there. The SQLite file in it is not used any more.`);
    });
}

function postgresAddress(given: string): string {
  if (/^postgres(ql)?:\/\/./.test(given) && URL.canParse(given)) return given;
  throw new InvalidArgumentError('It must be like postgres://user:password@host:5432/database.');
}

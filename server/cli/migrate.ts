import type { Command } from 'commander';
import { withInstallation } from './installation.js';
import { print } from './print.js';

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('make the database, or bring it up to date')
    .action(() =>
      withInstallation('migrate', ({ migrated }) => {
        print(migrated.length === 0 ? 'The database is up to date.' : `Ran ${migrated.join(', ')}.`);
        return Promise.resolve();
      }),
    );
}

import type { Command } from 'commander';
import { keptApart } from '#models/kept-apart.js';
import { withInstallation } from './installation.js';
import { print } from './print.js';

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('make the database, or bring it up to date')
    .action(() =>
      withInstallation('migrate', async ({ migrated }) => {
        print(migrated.length === 0 ? 'The database is up to date.' : `Ran ${migrated.join(', ')}.`);
        for (const line of await keptApart()) print(line);
      }),
    );
}

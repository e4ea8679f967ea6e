import type { Command } from 'commander';
import { exportUsers } from '#server/features/users/export.js';
import { findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { filtersOf, takesPeople, type PeopleOptions } from './people-options.js';
import { printFile } from './print-file.js';

export function addUserExport(user: Command): void {
  takesPeople(
    user
      .command('export')
      .argument('<organization>', 'its short name')
      .description('print everybody, or those whom the filters find, as CSV that an import takes'),
  ).action((slug: string, options: PeopleOptions) =>
    withInstallation('demand', async ({ context }) => {
      const inside = context(await findTenant(slug));
      const file = await exportUsers(inside, await filtersOf(inside, options));
      await printFile(inside.tenant, file);
    }),
  );
}

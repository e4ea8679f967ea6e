import type { Command } from 'commander';
import { Conflict } from '#server/errors.js';
import { verifyLog } from '#server/trace/verify.js';
import { findTenant, findTenants, removedTenants } from './find.js';
import { withInstallation } from './installation.js';
import { print } from './print.js';

export function addLog(program: Command): void {
  const log = program.command('log').description('the security log');
  log
    .command('verify')
    .argument('[organization]', 'its short name; all of them when none is given')
    .description('walk the chain of the log, and name the first row that is not as it was written')
    .action((slug?: string) =>
      withInstallation('demand', async ({ services }) => {
        const tenants =
          slug === undefined ? [...(await findTenants()), ...(await removedTenants())] : [await findTenant(slug)];
        const broken: string[] = [];
        for (const tenant of tenants) {
          const verdict = await verifyLog(services.keys, tenant.id);
          if (verdict.intact) print(`${tenant.slug}: intact, ${verdict.count} rows.`);
          else broken.push(`The log of ${tenant.slug} is broken at row ${verdict.seq}: ${verdict.why}`);
        }
        if (tenants.length === 0) print('There is no organisation yet, and so no log.');
        if (broken.length > 0) throw new Conflict(broken.join(' '));
      }),
    );
}

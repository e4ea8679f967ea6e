import type { Command } from 'commander';
import { counted } from '#policies/counted.js';
import { exportTenant } from '#server/features/tenants/export.js';
import { readTenant } from '#server/features/tenants/figures.js';
import { removeTenant } from '#server/features/tenants/remove.js';
import { findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { print } from './print.js';
import { printFile } from './print-file.js';

/** How an organisation goes, and what is taken along first. */
export function addTenantLeave(tenant: Command): void {
  tenant
    .command('export')
    .argument('<organization>', 'its short name')
    .description('print all that is kept of it, as JSON; never a secret, nor a hash of one')
    .action((slug: string) =>
      withInstallation('demand', async ({ context }) => {
        const tenant = await findTenant(slug);
        const { begin } = await exportTenant(context(), tenant.id);
        await printFile(tenant, await begin());
      }),
    );
  tenant
    .command('remove')
    .argument('<organization>', 'its short name')
    .option('--yes', 'do it; without this it is only told what would go', false)
    .description('remove it for good, with everybody in it')
    .action((slug: string, { yes }: { yes: boolean }) => remove(slug, yes));
}

async function remove(slug: string, yes: boolean): Promise<void> {
  await withInstallation('demand', async ({ context }) => {
    const { id } = await findTenant(slug);
    if (yes) {
      const { name } = await removeTenant(context(), id, slug);
      print(`${name} has been removed, with everybody in it. Its security log stays.`);
      return;
    }
    const { users, sessions, logRows } = await readTenant(context(), id);
    const accounts = counted(users.invited + users.active + users.disabled, 'account');
    print(`${accounts} and ${counted(sessions, 'open session')} would go.`);
    print(`The security log would stay, of ${counted(logRows, 'row')}, with numbers in place of names.`);
    print('Nothing has been removed. Take it along first, with: tenant export. To remove it, give --yes too.');
  });
}

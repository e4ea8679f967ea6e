import type { Command } from 'commander';
import type { TenantContext } from '#server/context.js';
import { listUsers, type ListedUser } from '#server/features/users/list.js';
import { findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { printList } from './print.js';

export function addUserList(user: Command): void {
  user
    .command('list')
    .argument('<organization>', 'its short name')
    .description('list the users')
    .option('--search <words>', 'only those whose name, username or address has these words', '')
    .option('--json', 'as JSON', false)
    .action((slug: string, { search, json }: { search: string; json: boolean }) =>
      withInstallation('demand', async ({ context }) => {
        const found = await everyUser(context(await findTenant(slug)), search);
        const rows = found.map(({ id, username, name, email, kind, status, twoFactor, breakGlass, locked, roles }) => ({
          id,
          username,
          name,
          email,
          kind,
          status,
          twoFactor,
          breakGlass,
          locked,
          roles,
        }));
        printList(rows, ['username', 'name', 'email', 'status', 'roles', 'twoFactor', 'breakGlass', 'locked'], json);
      }),
    );
}

async function everyUser(context: TenantContext, q: string): Promise<ListedUser[]> {
  const all: ListedUser[] = [];
  for (let page = 1; ; page += 1) {
    const { users, hasNext } = await listUsers(context, { q }, { sort: 'username', page, after: all.at(-1)?.id });
    all.push(...users);
    if (!hasNext) return all;
  }
}

import { Argument, type Command } from 'commander';
import { BULK_ACTIONS, type BulkAction } from '#policies/bulk-actions.js';
import { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { bulkForm } from '#server/features/user-jobs/input.js';
import { previewOrBegin } from '#server/features/user-jobs/preview.js';
import { readForm } from '#server/input/read.js';
import { findRole, findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { filtersOf, hasFilter, takesPeople, type PeopleOptions } from './people-options.js';
import { carryOut, type JobOptions } from './user-job.js';

type Options = PeopleOptions & JobOptions & { user?: string[]; all: boolean; role?: string; reason: string };

export function addUserBulk(user: Command): void {
  takesPeople(
    user
      .command('bulk')
      .argument('<organization>', 'its short name')
      .addArgument(new Argument('<action>', 'what is done to each').choices(BULK_ACTIONS))
      .description('do something to many people, each as on their own page, and tell who was left out and why')
      .option('--role <role>', 'the role that is given or taken')
      .option('--user <username...>', 'these people, and no filter')
      .option('--all', 'everybody, where there is no filter', false),
  )
    .option('--reason <text>', 'why; it goes into the security log', '')
    .option('--dry-run', 'only tell what would be done, to whom', false)
    .option('--json', 'tell it as JSON, person by person', false)
    .action(bulk);
}

async function bulk(slug: string, action: BulkAction, options: Options, command: Command): Promise<void> {
  const { user, all, role, reason } = options;
  const ways = [user !== undefined, hasFilter(options), all].filter(Boolean);
  if (ways.length !== 1) command.error('error: say whom: by --user, by filters, or everybody by --all');
  const needsRole = action === 'give-role' || action === 'take-role';
  if (needsRole !== (role !== undefined))
    command.error(
      needsRole ? 'error: say which role: --role' : 'error: --role goes with give-role and take-role alone',
    );
  await withInstallation('demand', async ({ services, context }) => {
    const inside = context(await findTenant(slug));
    const { roleId: heldRoleId, ...filters } = await filtersOf(inside, options);
    const whom = user ? { ids: await idsOf(inside, user) } : { all: 'on', ...filters, heldRoleId };
    const roleId = role === undefined ? undefined : (await findRole(inside, role)).id;
    const preview = await previewOrBegin(inside, readForm(bulkForm, { action, roleId, reason, ...whom }));
    await carryOut(services, inside, preview, options);
  });
}

async function idsOf({ tenant }: TenantContext, usernames: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    usernames.map(async (username) => ({ username, user: await User.called(tenant.id, username) })),
  );
  const missing = found.filter(({ user }) => !user).map(({ username }) => username);
  if (missing.length > 0)
    throw new NotFound(`There is no user ${missing.join(', ')} in ${tenant.slug}. Nothing was done.`);
  return found.flatMap(({ user }) => user?.id ?? []);
}

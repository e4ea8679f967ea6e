import type { Command } from 'commander';
import type { Context } from '#server/context.js';
import { readOrganisation, SETTINGS } from '#server/features/organisation/actions.js';
import { createTenantWithOwner, resumeTenant, suspendTenant } from '#server/features/tenants/actions.js';
import { readTenant } from '#server/features/tenants/figures.js';
import { inviteOwnersAgain } from '#server/features/tenants/invite.js';
import { listTenants } from '#server/features/tenants/list.js';
import { freeShortName } from '#server/features/tenants/short-name.js';
import { newTenantForm } from '#server/features/tenants/input.js';
import { readForm } from '#server/input/read.js';
import { iso } from './arguments.js';
import { findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { print, printList } from './print.js';
import { addTenantChange } from './tenant-change.js';
import { addTenantLeave } from './tenant-leave.js';

interface NewTenant {
  name: string;
  ownerName: string;
  ownerUsername: string;
  ownerEmail: string;
}

export function addTenant(program: Command): void {
  const tenant = program.command('tenant').description('the organisations');
  tenant
    .command('list')
    .description('list them')
    .option('--json', 'as JSON', false)
    .action(({ json }: { json: boolean }) => list(json));
  tenant
    .command('show')
    .argument('<organization>', 'its short name')
    .description('show its settings and figures')
    .option('--json', 'as JSON', false)
    .action((slug: string, { json }: { json: boolean }) => show(slug, json));
  tenant
    .command('create')
    .argument('<organization>', 'its short name, such as acme')
    .description('make one, and mail an invitation to its first owner')
    .requiredOption('--name <name>', 'its name as people say it')
    .requiredOption('--owner-name <name>', 'the name of the first owner')
    .requiredOption('--owner-username <username>', 'what the first owner signs in with')
    .requiredOption('--owner-email <address>', 'where the invitation goes')
    .action(create);
  tenant
    .command('free-name')
    .argument('<organization>', 'the short name of one that was removed')
    .description('let a new organisation have that short name')
    .action((slug: string) =>
      withInstallation('demand', async ({ context }) => {
        await freeShortName(context(), slug);
        print(`${slug} is free.`);
      }),
    );
  tenant
    .command('invite')
    .argument('<organization>', 'its short name')
    .description('mail its owners who have not come yet their invitation again')
    .action((slug: string) =>
      withInstallation('demand', async ({ context }) => {
        const invited = await inviteOwnersAgain(context(), (await findTenant(slug)).id);
        print(
          invited === 0
            ? 'No owner is waiting for an invitation.'
            : 'The invitation waits in the outbox; it goes out as soon as Gatehouse runs.',
        );
      }),
    );
  const change = (verb: string, description: string, act: typeof suspendTenant, done: string): void => {
    tenant
      .command(verb)
      .argument('<organization>', 'its short name')
      .description(description)
      .action((slug: string) =>
        withInstallation('demand', async ({ context }) => {
          await act(context(), (await findTenant(slug)).id);
          print(`${slug} is ${done}.`);
        }),
      );
  };
  change('suspend', 'shut one: everybody is out at once, and nobody gets in', suspendTenant, 'suspended');
  change('resume', 'open one that was suspended', resumeTenant, 'open again');
  addTenantChange(tenant);
  addTenantLeave(tenant);
}

async function list(json: boolean): Promise<void> {
  await withInstallation('demand', async ({ context }) => {
    const rows = (await everyTenant(context())).map(({ id, slug, name, status }) => ({ id, slug, name, status }));
    printList(rows, ['slug', 'name', 'status'], json);
  });
}

async function show(slug: string, json: boolean): Promise<void> {
  await withInstallation('demand', async ({ context }) => {
    const kept = await readOrganisation(context(await findTenant(slug)));
    const names = ['slug', ...SETTINGS] as const;
    const { tenant, users, sessions, lastSignInAt, logRows } = await readTenant(context(), kept.id);
    const figures = {
      status: tenant.status,
      ...{ activeUsers: users.active, invitedUsers: users.invited, disabledUsers: users.disabled },
      ...{ sessions, lastSignInAt: iso(lastSignInAt), logRows },
    };
    const settings = {
      ...Object.fromEntries(names.map((name) => [name, kept[name]])),
      logo: kept.logoPath,
      ...figures,
    };
    const rows = Object.entries(settings).map(([setting, value]) => ({ setting, value: value === '' ? null : value }));
    if (json) print(JSON.stringify(settings, null, 2));
    else printList(rows, ['setting', 'value'], false);
  });
}

async function everyTenant(context: Context) {
  const { total } = await listTenants(context);
  return (await listTenants(context, { size: Math.max(1, total) })).tenants;
}

async function create(slug: string, { name, ownerName, ownerUsername, ownerEmail }: NewTenant): Promise<void> {
  const typed = readForm(newTenantForm, { slug, name, ownerName, ownerUsername, ownerEmail });
  await withInstallation('demand', async ({ context }) => {
    await createTenantWithOwner(context(), typed);
    print(
      `${typed.slug} is there. An invitation to ${typed.ownerUsername} waits in the outbox; it goes out as soon as Gatehouse runs.`,
    );
  });
}

import type { Command } from 'commander';
import { createRole } from '#server/features/roles/actions.js';
import { roleBody } from '#server/features/roles/input.js';
import { listRoles } from '#server/features/roles/list.js';
import { removeRole } from '#server/features/roles/remove.js';
import { readJson } from '#server/input/read.js';
import { findRole, findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { print, printList } from './print.js';
import { addRoleChange } from './role-change.js';
import { roleCommand, takesDemands, type RoleOptions } from './role-options.js';

export function addRole(program: Command): void {
  const role = program.command('role').description('the roles of an organisation');
  role
    .command('list')
    .argument('<organization>', 'its short name')
    .description('list them, with how many hold each')
    .option('--json', 'as JSON', false)
    .action((slug: string, { json }: { json: boolean }) => list(slug, json));
  takesDemands(
    roleCommand(role, 'create', 'make one')
      .option('--description <text>', 'what it is for', '')
      .option('--permission <permission...>', 'what it grants', []),
  ).action(create);
  addRoleChange(role);
  roleCommand(role, 'remove', 'remove one; whoever holds it gets another in its place')
    .option('--replacement <role>', 'the one that takes its place')
    .action(remove);
}

async function list(slug: string, json: boolean): Promise<void> {
  await withInstallation('demand', async ({ context }) => {
    const rows = (await listRoles(context(await findTenant(slug)))).map(({ role, holders }) => ({
      ...{ id: role.id, key: role.key, name: role.name, description: role.description, holders },
      ...{ permissions: [...role.grants], readOnly: role.readOnly, requiresTwoFactor: role.requiresTwoFactor },
      requiresPhishingResistant: role.requiresPhishingResistant,
      tokensNeedApproval: role.tokensNeedApproval,
    }));
    printList(rows, ['name', 'holders', 'readOnly', 'requiresTwoFactor', 'permissions'], json);
  });
}

async function create(slug: string, name: string, { permission, ...options }: RoleOptions): Promise<void> {
  await withInstallation('demand', async ({ context }) => {
    const given = readJson(roleBody, { name, permissions: permission, ...options });
    const made = await createRole(context(await findTenant(slug)), given);
    print(`${made.name} is there. Nobody holds it yet.`);
  });
}

async function remove(slug: string, name: string, { replacement }: { replacement?: string }): Promise<void> {
  await withInstallation('demand', async ({ context }) => {
    const inside = context(await findTenant(slug));
    const role = await findRole(inside, name);
    const other = replacement === undefined ? undefined : await findRole(inside, replacement, 'replacement');
    await removeRole(inside, role.id, { replacementRoleId: other?.id });
    print(`${role.name} is removed.`);
  });
}

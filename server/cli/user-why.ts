import type { Command } from 'commander';
import { isPermission } from '#policies/permissions.js';
import { Invalid } from '#server/errors.js';
import { explainRights, type Hindrance } from '#server/features/users/why.js';
import { userAddress, type UserAddress } from './arguments.js';
import { findUser } from './find.js';
import { withInstallation } from './installation.js';
import { print, printList } from './print.js';

/** `user why acme/uma users:write`: which role gives it, who gave that role and when, and what takes it away. */
export function addUserWhy(user: Command): void {
  user
    .command('why')
    .argument('<organization/username>', 'such as acme/uma', userAddress)
    .argument('[permission]', 'such as users:write; all of them where it is left out')
    .description('tell why somebody may do something, or may not')
    .option('--json', 'as JSON', false)
    .action((address: UserAddress, permission: string | undefined, { json }: { json: boolean }) =>
      tellWhy(address, permission, json),
    );
}

async function tellWhy(address: UserAddress, permission: string | undefined, json: boolean): Promise<void> {
  if (permission !== undefined && !isPermission(permission))
    throw Invalid.field('permission', 'There is no such permission. They are listed where it is left out.');
  await withInstallation('demand', async ({ context }) => {
    const { tenant, user } = await findUser(address);
    const { hindrances, permissions } = await explainRights(context(tenant), user.id, permission);
    const rows = permissions.map(({ permission: name, can, by, strippedBy }) => ({
      permission: name,
      now: can ? 'may' : 'may not',
      givenBy: by.map((role) => `${role.name}${given(role)}`),
      takenAwayBy: [...strippedBy.map((role) => role.name), ...(by.length > 0 ? hindrances : [])],
    }));
    printList(rows, ['permission', 'now', 'givenBy', 'takenAwayBy'], json);
    if (!json && hindrances.length > 0) print(`Nothing of this holds at the moment: ${inWords(hindrances)}.`);
  });
}

function given({ givenAt, givenBy }: { givenAt: number | null; givenBy: { name: string } | null }): string {
  if (givenAt === null) return '';
  return ` (${new Date(givenAt).toISOString()}${givenBy === null ? '' : `, by ${givenBy.name}`})`;
}

function inWords(hindrances: readonly Hindrance[]): string {
  return hindrances.map((one) => one.replaceAll('-', ' ')).join(', ');
}

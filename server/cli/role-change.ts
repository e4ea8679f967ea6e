import type { Command } from 'commander';
import type { Role } from '#models/role.js';
import { changeRole } from '#server/features/roles/actions.js';
import { roleChanges } from '#server/features/roles/input.js';
import { previewRole, type RolePreview } from '#server/features/roles/preview.js';
import { readJson } from '#server/input/read.js';
import { findRole, findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { print } from './print.js';
import { DEMANDS, roleCommand, takesDemands, type RoleOptions } from './role-options.js';

type Options = RoleOptions & { grant?: string[]; withdraw?: string[]; dryRun: boolean };

/** `role change`: what is not given stays as it is. */
export function addRoleChange(role: Command): void {
  const change = takesDemands(
    roleCommand(role, 'change', 'change one, and tell who can do more or less by it')
      .option('--name <name>', 'another name')
      .option('--description <text>', 'what it is for')
      .option('--permission <permission...>', 'what it grants from now on, and nothing else')
      .option('--grant <permission...>', 'what it grants beside what it does')
      .option('--withdraw <permission...>', 'what it no longer grants'),
  );
  for (const [name] of DEMANDS) change.option(`--no-${name}`, `no longer ${name}`);
  change.option('--dry-run', 'only tell who could do more or less', false).action(changeOne);
}

async function changeOne(slug: string, name: string, { dryRun, ...options }: Options, command: Command): Promise<void> {
  const { permission, grant, withdraw } = options;
  if (Object.keys(options).length === 0) command.error('error: say what to change');
  if (permission && (grant ?? withdraw))
    command.error('error: give all that it grants by --permission, or what changes by --grant and --withdraw');
  await withInstallation('demand', async ({ context }) => {
    const inside = context(await findTenant(slug));
    const role = await findRole(inside, name);
    const changes = readJson(roleChanges, changesOf(role, options));
    const lines = effectsOf(await previewRole(inside, role.id, changes));
    for (const line of lines) print(line);
    if (dryRun && lines.length === 0) print('Nobody could do more or less by it.');
    if (dryRun) return;
    const { name: now } = await changeRole(inside, role.id, changes);
    print(`${now} is changed.`);
  });
}

function changesOf({ grants }: Role, { permission, grant = [], withdraw = [], ...others }: Omit<Options, 'dryRun'>) {
  if (permission) return { ...others, permissions: permission };
  if (grant.length + withdraw.length === 0) return others;
  return { ...others, permissions: [...new Set([...grants, ...grant])].filter((one) => !withdraw.includes(one)) };
}

function effectsOf({ affected, demanded, passkeys, tokens }: RolePreview): string[] {
  const lines = affected.map(({ gains, loses, people, first }) => {
    const parts = [
      ...(gains.length > 0 ? [`gain${people === 1 ? 's' : ''} ${gains.join(', ')}`] : []),
      ...(loses.length > 0 ? [`lose${people === 1 ? 's' : ''} ${loses.join(', ')}`] : []),
    ];
    return `${peopleIn(people, first)} ${parts.join(' and ')}.`;
  });
  if (demanded && demanded.people > 0)
    lines.push(`${peopleIn(demanded.people, demanded.first)} must set up two-factor authentication.`);
  if (passkeys && passkeys.people > 0) lines.push(`${peopleIn(passkeys.people, passkeys.first)} must add a passkey.`);
  if (tokens > 0) lines.push(`${tokens === 1 ? 'One API token' : `${tokens} API tokens`} can do more or less.`);
  return lines;
}

function peopleIn(people: number, first: readonly { username: string }[]): string {
  const more = people > first.length && first.length > 0 ? ', …' : '';
  const named = first.length === 0 ? '' : ` (${first.map(({ username }) => username).join(', ')}${more})`;
  return `${people === 1 ? 'One person' : `${people} people`}${named}`;
}

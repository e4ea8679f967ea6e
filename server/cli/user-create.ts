import type { Command } from 'commander';
import type { TenantContext } from '#server/context.js';
import { createUser } from '#server/features/users/create.js';
import { createForm } from '#server/features/users/input.js';
import { defaultRoleId } from '#server/features/users/grant.js';
import { readForm } from '#server/input/read.js';
import { userAddress, type UserAddress } from './arguments.js';
import { findRole, findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { givenPassword, takesPassword, type PasswordOptions } from './password.js';
import { print } from './print.js';

type Options = PasswordOptions & {
  name: string;
  email?: string;
  role?: string[];
  service: boolean;
  keepPassword: boolean;
};

export function addUserCreate(user: Command): void {
  takesPassword(
    user
      .command('create')
      .argument('<organization/username>', 'such as acme/uma', userAddress)
      .description('make a user: by an invitation that is mailed or, with a password, at once')
      .requiredOption('--name <name>', 'the name as people say it')
      .option('--email <address>', 'where mails go; a service account needs none')
      .option('--role <name...>', 'a role, or several; the role User when none is given')
      .option('--service', 'a service account, which only programs use', false)
      .option('--keep-password', 'the password need not be changed at the first sign-in', false),
  ).action(create);
}

async function create(
  { organization, username }: UserAddress,
  { name, email = '', role, service, keepPassword, ...options }: Options,
  command: Command,
): Promise<void> {
  if (service && (keepPassword || options.passwordStdin || options.password !== undefined))
    command.error('error: a service account has no password: programs use its API tokens');
  const password = await givenPassword(options);
  await withInstallation('demand', async ({ context }) => {
    const inside = context(await findTenant(organization));
    const form = {
      username,
      name,
      email,
      kind: service ? 'service' : 'person',
      onboarding: password === null ? 'invite' : 'password',
      password: password ?? '',
      mustChangePassword: keepPassword ? '' : 'on',
      roleIds: await roleIdsOf(inside, role),
    };
    const { mustSetUpTwoFactor: _asTheOrganisationHasIt, ...given } = readForm(createForm, form);
    const { status } = await createUser(inside, given);
    const waits =
      status === 'invited' ? ' An invitation waits in the outbox; it goes out as soon as Gatehouse runs.' : '';
    print(`${organization}/${username} is there.${waits}`);
  });
}

async function roleIdsOf(context: TenantContext, names: readonly string[] | undefined): Promise<string[]> {
  if (!names) return [await defaultRoleId(context)];
  const roles = await Promise.all(names.map((name) => findRole(context, name)));
  return roles.map(({ id }) => id);
}

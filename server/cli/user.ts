import type { Command } from 'commander';
import { unlock } from '#server/features/users/access.js';
import { sendPasswordLink } from '#server/features/users/password-link.js';
import { assignPassword } from '#server/features/users/assign-password.js';
import { changeUser } from '#server/features/users/edit.js';
import { disableTwoFactorOf, resetTwoFactorOf } from '#server/features/users/take.js';
import { PASS_MINUTES } from '#policies/access-pass.js';
import { randomToken } from '#server/lib/random-token.js';
import { userAddress, type UserAddress } from './arguments.js';
import { findUser } from './find.js';
import { withInstallation } from './installation.js';
import { givenPassword, takesPassword, type PasswordOptions } from './password.js';
import { print } from './print.js';
import { addUserBulk } from './user-bulk.js';
import { addUserCreate } from './user-create.js';
import { addUserExport } from './user-export.js';
import { addUserImport } from './user-import.js';
import { addUserList } from './user-list.js';
import { addUserWhy } from './user-why.js';

export function addUser(program: Command): void {
  const user = program.command('user').description('the users of an organisation');
  addUserList(user);
  addUserCreate(user);
  addUserBulk(user);
  addUserImport(user);
  addUserExport(user);
  addUserWhy(user);
  aboutOne(user, 'unlock', 'let an account that is locked after failed sign-ins be tried again').action(
    (address: UserAddress) => unlockUser(address),
  );
  takesPassword(
    aboutOne(
      user,
      'reset-password',
      'set a password that must be changed at the next sign-in; made and printed when none is given',
    ),
  )
    .option('--mail', 'set none, and mail a link for a new one')
    .action(resetPassword);
  aboutOne(
    user,
    'reset-two-factor',
    'void the secret of a lost app, and print an access pass with which a new one is set up',
  )
    .option('--disable', 'take two-factor authentication away instead')
    .option('--reason <text>', 'why; it goes into the security log', 'reset from the command line')
    .action(resetTwoFactor);
  aboutOne(user, 'disable', 'end every session of an account and let nobody sign in to it').action(
    (address: UserAddress) => disable(address),
  );
}

function aboutOne(user: Command, name: string, description: string): Command {
  return user
    .command(name)
    .description(description)
    .argument('<organization/username>', 'such as acme/uma', userAddress);
}

async function unlockUser(address: UserAddress): Promise<void> {
  await withInstallation('demand', async ({ context }) => {
    const { tenant, user } = await findUser(address);
    await unlock(context(tenant), user.id, 'opened from the command line');
    print(`${named(address)} is not locked any more.`);
  });
}

async function resetPassword(
  address: UserAddress,
  { mail, ...options }: PasswordOptions & { mail?: boolean },
  command: Command,
): Promise<void> {
  const given = await givenPassword(options);
  if (mail && given !== null) command.error('error: give a password, or --mail, and not both');
  await withInstallation('demand', async ({ context }) => {
    const { tenant, user } = await findUser(address);
    if (mail) {
      await sendPasswordLink(context(tenant), user.id);
      print(`A mail to ${named(address)} waits in the outbox; it goes out as soon as Gatehouse runs.`);
      return;
    }
    const password = given ?? randomToken();
    await assignPassword(context(tenant), user.id, password);
    print(
      given === null ? password : `The password of ${named(address)} is set. It must be changed at the next sign-in.`,
    );
  });
}

async function resetTwoFactor(
  address: UserAddress,
  { disable: takeAway, reason }: { disable?: boolean; reason: string },
): Promise<void> {
  await withInstallation('demand', async ({ context }) => {
    const { tenant, user } = await findUser(address);
    const taking = { reason, minutes: PASS_MINUTES.usual };
    const { pass } = await (takeAway ? disableTwoFactorOf : resetTwoFactorOf)(context(tenant), user.id, taking);
    print(
      takeAway
        ? `Two-factor authentication of ${named(address)} is disabled. Every session has been ended.`
        : `The two-factor secret of ${named(address)} is reset. Every session has been ended.`,
    );
    print('No second administrator was asked: whoever is at the machine decides alone.');
    if (pass !== null) print(`Access pass, once, within an hour, at /login/pass: ${pass}`);
  });
}

async function disable(address: UserAddress): Promise<void> {
  await withInstallation('demand', async ({ context }) => {
    const { tenant, user } = await findUser(address);
    const { username, name, email, mustSetUpTwoFactor } = user;
    await changeUser(context(tenant), user.id, {
      username,
      name,
      email,
      mustSetUpTwoFactor,
      roleIds: user.roles.map(({ id }) => id),
      status: 'disabled',
    });
    print(`${named(address)} is disabled.`);
  });
}

function named({ organization, username }: UserAddress): string {
  return `${organization}/${username}`;
}

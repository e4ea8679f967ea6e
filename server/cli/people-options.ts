import { Option, type Command } from 'commander';
import { TWO_FACTOR_STATES, USER_KINDS, USER_STATES } from '#policies/enumerations.js';
import type { TenantContext } from '#server/context.js';
import { filtersIn, type UserFilters } from '#server/features/users/filters.js';
import { userQuery } from '#server/features/users/input.js';
import { readForm } from '#server/input/read.js';
import { findRole } from './find.js';

/** The filters of the list of users, as the command line spells them. */
export interface PeopleOptions {
  search?: string;
  kind?: string;
  status?: string;
  holding?: string;
  twoFactor?: string;
  passkey?: string;
  secondFactor?: string;
  breakGlass?: string;
  lacksPasskey?: boolean;
  administrators?: boolean;
  locked?: boolean;
  stale?: boolean;
  lapsed?: boolean;
}

/** The options that say whom a command is about. */
export function takesPeople(command: Command): Command {
  return command
    .option('--search <words>', 'those whose name, username or address has these words')
    .addOption(new Option('--kind <kind>', 'people, or service accounts').choices(USER_KINDS))
    .addOption(new Option('--status <status>', 'those of this status').choices(USER_STATES))
    .option('--holding <role>', 'those who hold this role')
    .addOption(new Option('--two-factor <state>', 'those whose app is in this state').choices(TWO_FACTOR_STATES))
    .addOption(new Option('--passkey <yes|no>', 'those who have a passkey, or have none').choices(['yes', 'no']))
    .addOption(
      new Option('--second-factor <yes|no>', 'those who have one that counts, or have none').choices(['yes', 'no']),
    )
    .addOption(new Option('--break-glass <yes|no>', 'break-glass accounts, or only others').choices(['yes', 'no']))
    .option('--lacks-passkey', 'people of whom a passkey is demanded, and who have none, or not enough')
    .option('--administrators', 'those who may do something to others')
    .option('--locked', 'those locked after failed sign-ins')
    .option('--stale', 'people who could sign in and have not for 90 days')
    .option('--lapsed', 'those invited who can no longer accept');
}

const FLAGS = ['lacksPasskey', 'administrators', 'locked', 'stale', 'lapsed'] as const;
const NAMES = [
  'search',
  'kind',
  'status',
  'holding',
  'twoFactor',
  'passkey',
  'secondFactor',
  'breakGlass',
  ...FLAGS,
] as const;

/** True where at least one of them was given. */
export function hasFilter(options: PeopleOptions): boolean {
  return NAMES.some((name) => options[name] !== undefined);
}

/** The same as the list takes them. Throws `Invalid` for what it would not. */
export async function filtersOf(
  context: TenantContext,
  { search, kind, status, holding, twoFactor, passkey, secondFactor, breakGlass, ...others }: PeopleOptions,
): Promise<UserFilters> {
  const role = holding === undefined ? undefined : await findRole(context, holding, 'holding');
  const flags = Object.fromEntries(FLAGS.flatMap((name) => (others[name] ? [[name, 'yes']] : [])));
  const asked = {
    q: search ?? '',
    kind,
    status,
    roleId: role?.id,
    twoFactor,
    passkey,
    secondFactor,
    breakGlass,
    ...flags,
  };
  return filtersIn(readForm(userQuery, asked));
}

import { Option, type Command } from 'commander';
import { LISTED_KINDS } from '#policies/enumerations.js';
import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { credentialQuery } from '#server/features/credentials/input.js';
import { listCredentials, type ListedCredential } from '#server/features/credentials/list.js';
import type { CredentialFilters } from '#server/features/credentials/orders.js';
import { readForm } from '#server/input/read.js';
import { placeAddress, type PlaceAddress } from './arguments.js';
import { findTenant, findUser } from './find.js';
import type { Installation } from './installation.js';

/** The filters of the list of credentials, as the command line spells them. */
export interface Filters {
  kind?: string;
  search?: string;
  api?: boolean;
  unused?: boolean;
  expiring?: boolean;
  overPolicy?: boolean;
  withoutEnd?: boolean;
  ownerWithoutTwoFactor?: boolean;
  everyAddress?: boolean;
}

/** Which of them, and whether it is only told. */
export type Chosen = Filters & { all: boolean; dryRun: boolean };

const AT_ONCE = 200;

/** A command about those that work of an organisation, or of one account. */
export function takesFilters(token: Command, name: string, description: string): Command {
  return token
    .command(name)
    .description(description)
    .argument('<organization[/username]>', 'such as acme, or acme/uma for those of one account', placeAddress)
    .addOption(new Option('--kind <kind>', 'those of this kind').choices(LISTED_KINDS))
    .option('--search <words>', 'those with these words in their name or their owner’s')
    .option('--api', 'no SSH keys')
    .option('--unused', 'those that nothing has used for 90 days')
    .option('--expiring', 'those that end within 14 days')
    .option('--over-policy', 'those that last longer than the policy allows')
    .option('--without-end', 'those that never end')
    .option('--owner-without-two-factor', 'those whose owner has no two-factor authentication')
    .option('--every-address', 'those that may be used from every address');
}

/** The same, which may be named by their ids. */
export function takesChoice(token: Command, name: string, description: string): Command {
  return takesFilters(token, name, description)
    .argument('[id...]', 'which, as the list has them')
    .option('--all', 'all of them, where there is no filter', false)
    .option('--dry-run', 'only tell which', false);
}

/** Which are meant: by their ids, by filters, or all. Nothing else of what was typed is done where that cannot be told. */
export async function chosenOf(
  installation: Installation,
  place: PlaceAddress,
  ids: readonly string[],
  { all, dryRun: _, ...filters }: Chosen,
  command: Command,
): Promise<{ context: TenantContext; credentials: ListedCredential[] }> {
  if ([ids.length > 0, Object.keys(filters).length > 0, all].filter(Boolean).length !== 1)
    command.error('error: say which: by their ids, by filters, or all by --all');
  const { context, credentials } = await found(installation, place, filters);
  return { context, credentials: ids.length === 0 ? credentials : named(credentials, ids) };
}

/** Those of the list that have these ids; nothing is done where one of them is none. */
function named(credentials: readonly ListedCredential[], ids: readonly string[]): ListedCredential[] {
  const missing = ids.filter((id) => !credentials.some((one) => one.id === id));
  if (missing.length > 0)
    throw Invalid.field(
      'id',
      `There is no such credential that works: ${missing.join(', ')}. Nothing was done. See: token list`,
    );
  return credentials.filter(({ id }) => ids.includes(id));
}

/** What is asked of the list, as its page would ask it. Throws `Invalid` for what the page would not take. */
export async function asked(
  { context }: Installation,
  { organization, username }: PlaceAddress,
  { kind, search, ...flags }: Filters,
): Promise<{ context: TenantContext; filters: CredentialFilters }> {
  const user = username === null ? undefined : (await findUser({ organization, username })).user.id;
  const inside = context(await findTenant(organization));
  const on = Object.entries(flags).map(([name]) => [SPELT[name] ?? name, 'yes']);
  const filters = readForm(credentialQuery, { kind, user, q: search ?? '', ...Object.fromEntries(on) });
  return { context: inside, filters };
}

/** Those that work and that the filters find. */
export async function found(
  installation: Installation,
  place: PlaceAddress,
  given: Filters,
): Promise<{ context: TenantContext; credentials: ListedCredential[] }> {
  const { context: inside, filters } = await asked(installation, place, given);
  const credentials: ListedCredential[] = [];
  let cursor: string | null = null;
  do {
    const page = await listCredentials(inside, { ...filters, limit: AT_ONCE, ...(cursor === null ? {} : { cursor }) });
    credentials.push(...page.credentials);
    cursor = page.next;
  } while (cursor !== null);
  return { context: inside, credentials };
}

/** An option that begins with "no" would be the opposite of another. */
const SPELT: Readonly<Record<string, string>> = { withoutEnd: 'noEnd', everyAddress: 'noAddresses' };

import { Option, type Command } from 'commander';
import { LISTED_KINDS } from '#policies/enumerations.js';
import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { revokeCredentials } from '#server/features/credentials/actions.js';
import { credentialQuery } from '#server/features/credentials/input.js';
import { listCredentials, type ListedCredential } from '#server/features/credentials/list.js';
import { readForm } from '#server/input/read.js';
import { placeAddress, type PlaceAddress } from './arguments.js';
import { findTenant, findUser } from './find.js';
import { withInstallation, type Installation } from './installation.js';
import { print, printList } from './print.js';

interface Filters {
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

type Chosen = Filters & { all: boolean; dryRun: boolean };

const AT_ONCE = 200;

/** `token`: what programs call with, SSH keys among it, as the list of an organisation has it. */
export function addToken(program: Command): void {
  const token = program
    .command('token')
    .description('the API tokens of an organisation, and what else lets programs in');
  about(token, 'list', 'list those that work')
    .option('--json', 'as JSON', false)
    .action((place: PlaceAddress, { json, ...filters }: Filters & { json: boolean }) =>
      withInstallation('demand', async (installation) => {
        const rows = (await found(installation, place, filters)).credentials.map(lineOf);
        printList(rows, ['id', 'kind', 'name', 'owner', 'state', 'expiresAt', 'lastUsedAt'], json);
      }),
    );
  about(token, 'revoke', 'revoke these, or all that the filters find; their owners get a mail')
    .argument('[id...]', 'which, as the list has them')
    .option('--all', 'all of them, where there is no filter', false)
    .option('--dry-run', 'only list which', false)
    .action(revoke);
}

function about(token: Command, name: string, description: string): Command {
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

async function revoke(place: PlaceAddress, ids: string[], chosen: Chosen, command: Command): Promise<void> {
  const { all, dryRun, ...filters } = chosen;
  if ([ids.length > 0, Object.keys(filters).length > 0, all].filter(Boolean).length !== 1)
    command.error('error: say which: by their ids, by filters, or all by --all');
  await withInstallation('demand', async (installation) => {
    const { context, credentials } = await found(installation, place, filters);
    const wanted = ids.length === 0 ? credentials : named(credentials, ids);
    if (dryRun) printList(wanted.map(lineOf), ['id', 'kind', 'name', 'owner', 'state'], false);
    else
      for (let from = 0; from < wanted.length; from += AT_ONCE)
        await revokeCredentials(
          context,
          wanted.slice(from, from + AT_ONCE).map(({ id }) => id),
        );
    const count = wanted.length === 1 ? 'One is' : `${wanted.length} are`;
    print(dryRun ? `${wanted.length} would be revoked.` : `${count} revoked.`);
  });
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

async function found(
  { context }: Installation,
  { organization, username }: PlaceAddress,
  { kind, search, ...flags }: Filters,
): Promise<{ context: TenantContext; credentials: ListedCredential[] }> {
  const user = username === null ? undefined : (await findUser({ organization, username })).user.id;
  const inside = context(await findTenant(organization));
  const on = Object.entries(flags).map(([name]) => [SPELT[name] ?? name, 'yes']);
  const filters = readForm(credentialQuery, { kind, user, q: search ?? '', ...Object.fromEntries(on) });
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

function lineOf({ id, kind, name, owner, role, scopes, state, allowedIps, ...times }: ListedCredential) {
  const { createdAt, expiresAt, lastUsedAt, overPolicy } = times;
  return {
    ...{ id, kind, name, owner: owner.username, role, scopes: scopes ?? null, state, allowedIps, overPolicy },
    ...{ createdAt: iso(createdAt), expiresAt: iso(expiresAt), lastUsedAt: iso(lastUsedAt) },
  };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

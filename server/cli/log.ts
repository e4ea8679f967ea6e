import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { counted } from '#policies/counted.js';
import { Conflict } from '#server/errors.js';
import { archiveLog } from '#server/features/security-log/archive.js';
import { takeCheckpoint } from '#server/features/security-log/checkpoints.js';
import type { Keyring } from '#server/lib/keyring.js';
import { verifyArchive } from '#server/trace/archive-file.js';
import { readCheckpoints, writtenOut, type Checkpoint } from '#server/trace/checkpoint.js';
import { verifyAgainst, verifyLog, type Verdict } from '#server/trace/verify.js';
import { findTenant, findTenants, removedTenants } from './find.js';
import { withInstallation } from './installation.js';
import { addLogExport } from './log-export.js';
import { print } from './print.js';

export function addLog(program: Command): void {
  const log = program.command('log').description('the security log');
  log
    .command('verify')
    .argument('[organization]', 'its short name; all of them when none is given')
    .option('--checkpoint <file>', 'hold the log against a checkpoint that was kept elsewhere')
    .option('--file <archive>', 'verify an archive in the place of the log')
    .option('--json', 'as JSON', false)
    .description('walk the chain of the log, and name the first row that is not as it was written')
    .action((slug: string | undefined, { checkpoint, file, json }: Verifying) =>
      withInstallation('demand', async ({ services: { keys } }) => {
        const kept = checkpoint === undefined ? [] : readCheckpoints(keys, textOf(checkpoint));
        if (file !== undefined) {
          const { contents, verdict } = await verifyArchive(keys, file, kept);
          if (slug !== undefined && (await findTenant(slug)).id !== contents.tenantId)
            throw new Conflict(`${file} is an archive of ${contents.organization}, not of ${slug}.`);
          tell([[`${file}, rows ${contents.from} to ${contents.to} of ${contents.organization}`, verdict]], json);
        } else if (checkpoint !== undefined) tell(await against(keys, kept, slug), json);
        else {
          const tenants = await tenantsOf(slug);
          if (tenants.length === 0 && !json) print('There is no organisation yet, and so no log.');
          tell(await each(tenants, async ({ id, slug: called }) => [called, await verifyLog(keys, id)]), json);
        }
      }),
    );
  log
    .command('checkpoint')
    .argument('[organization]', 'its short name; all of them when none is given')
    .description('print a signed checkpoint of the log, to be kept elsewhere')
    .action((slug?: string) =>
      withInstallation('demand', async ({ context }) => {
        for (const tenant of slug === undefined ? await findTenants() : [await findTenant(slug)])
          print(JSON.stringify(writtenOut(await takeCheckpoint(context(tenant)))));
      }),
    );
  addLogExport(log);
  log
    .command('archive')
    .argument('<organization>', 'its short name')
    .argument('<folder>', 'where the file is to be made')
    .description('move old rows of the log, up to the last exported checkpoint, into a file')
    .action((slug: string, folder: string) =>
      withInstallation('demand', async ({ context }) => {
        const made = await archiveLog(context(await findTenant(slug)), folder);
        if (!made) print(`No row of the log of ${slug} is old enough, and before an exported checkpoint.`);
        else print(`Rows ${made.contents.from} to ${made.contents.to} of the log of ${slug} are in ${made.path} now.`);
      }),
    );
}

interface Verifying {
  checkpoint?: string;
  file?: string;
  json: boolean;
}

type Told = readonly [called: string, verdict: Verdict];

async function tenantsOf(slug: string | undefined): Promise<{ id: string; slug: string }[]> {
  return slug === undefined ? [...(await findTenants()), ...(await removedTenants())] : [await findTenant(slug)];
}

async function against(keys: Keyring, kept: readonly Checkpoint[], slug: string | undefined): Promise<Told[]> {
  const tenants = await tenantsOf(slug);
  return each(kept, async (one) => {
    const tenant = tenants.find(({ id }) => id === one.tenantId);
    if (!tenant) throw new Conflict('The checkpoint is of another organisation, or of another installation.');
    return [tenant.slug, await verifyAgainst(keys, one)];
  });
}

// One after the other: each may be a million rows.
async function each<T>(all: readonly T[], work: (one: T) => Promise<Told>): Promise<Told[]> {
  const told: Told[] = [];
  for (const one of all) told.push(await work(one));
  return told;
}

function tell(verdicts: readonly Told[], json: boolean): void {
  if (json)
    print(
      JSON.stringify(
        verdicts.map(([log, verdict]) => ({ log, ...verdict })),
        null,
        2,
      ),
    );
  const broken: string[] = [];
  for (const [called, verdict] of verdicts) {
    if (!verdict.intact) broken.push(`The log of ${called} is broken at row ${verdict.seq}: ${verdict.why}`);
    else if (!json) {
      const { count, archived } = verdict;
      print(
        `${called}: intact, ${counted(count, 'row')}${archived === undefined ? '' : `, of which ${archived === 1 ? 'one is' : `${archived} are`} archived`}.`,
      );
    }
  }
  if (broken.length > 0) throw new Conflict(broken.join(' '));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Conflict(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`);
  }
}

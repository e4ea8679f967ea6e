import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { UserJobRow } from '#models/user-job-row.js';
import { Conflict } from '#server/errors.js';
import { previewImport } from '#server/features/user-jobs/import-preview.js';
import { cancelJob } from '#server/features/user-jobs/begin.js';
import { findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { print } from './print.js';
import { carryOut, report, type JobOptions } from './user-job.js';

// As much as the page takes.
const LARGEST = 5 * 1024 * 1024;

type Options = JobOptions & { skipRefused: boolean };

export function addUserImport(user: Command): void {
  user
    .command('import')
    .argument('<organization>', 'its short name')
    .argument('<file>', 'CSV with the columns username, name, email, roles, status, kind')
    .description('add and change users as a file says, row by row')
    .option('--skip-refused', 'do the others where some rows cannot be done; without it nothing is done then', false)
    .option('--dry-run', 'only tell what each row would do', false)
    .option('--json', 'tell it as JSON, row by row', false)
    .action(importUsers);
}

async function importUsers(slug: string, file: string, options: Options): Promise<void> {
  const bytes = bytesOf(file);
  await withInstallation('demand', async ({ services, context }) => {
    const inside = context(await findTenant(slug));
    const preview = await previewImport(inside, { field: 'file', bytes });
    if (!options.json && preview.note !== null) print(preview.note);
    const { refused } = await UserJobRow.counts(preview.id);
    if (refused > 0 && !options.dryRun && !options.skipRefused) {
      await report(inside, preview.id, { json: options.json, all: false });
      await cancelJob(inside, preview.id);
      throw new Conflict(
        `${refused === 1 ? 'One row' : `${refused} rows`} cannot be done, so nothing was. Mend the file, or do the others with: --skip-refused`,
      );
    }
    await carryOut(services, inside, preview, options);
  });
}

function bytesOf(file: string): Buffer {
  try {
    if (statSync(file).size <= LARGEST) return readFileSync(file);
  } catch (error) {
    throw new Conflict(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`);
  }
  throw new Conflict(`${file} has more than 5 MB. Send it in several files.`);
}

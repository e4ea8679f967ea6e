import { Option, type Command } from 'commander';
import { DOORS, LEVELS } from '#policies/enumerations.js';
import { exportAsked } from '#server/features/security-log/asked.js';
import type { Format } from '#server/features/security-log/export.js';
import { logFile } from '#server/features/security-log/input.js';
import { readJson } from '#server/input/read.js';
import { findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { printFile } from './print-file.js';

interface Options {
  format: Format;
  search?: string;
  oldestFirst: boolean;
}

/** `log export acme --level high --from 2027-01-01T00:00:00Z`: what the list finds with the same filters, whole. */
export function addLogExport(log: Command): void {
  log
    .command('export')
    .argument('<organization>', 'its short name')
    .description('print the log, or what the filters find, and note in it that it was taken')
    .addOption(new Option('--format <format>', 'JSON, a line each, or CSV').choices(['jsonl', 'csv']).default('jsonl'))
    .option('--search <words>', 'people, events in words, an IP address, or what the details say')
    .option('--event <name>', 'of this kind, such as session.created')
    .addOption(new Option('--level <level>', 'of this level').choices(LEVELS))
    .addOption(new Option('--door <door>', 'done by this way').choices(DOORS))
    .option('--actor <who>', 'done by this user or to them: a username, an address or an id')
    .option('--from <time>', 'from then on, in UTC, such as 2027-01-31T08:00:00Z')
    .option('--to <time>', 'before that')
    .option('--oldest-first', 'in the order in which it happened', false)
    .action(printLog);
}

async function printLog(slug: string, { format, search, oldestFirst, ...filters }: Options): Promise<void> {
  const asked = readJson(logFile, {
    ...filters,
    ...(search === undefined ? {} : { q: search }),
    sort: oldestFirst ? 'oldest' : 'newest',
  });
  await withInstallation('demand', async ({ context }) => {
    const tenant = await findTenant(slug);
    const { begin } = await exportAsked(context(tenant), format, asked);
    await printFile(tenant, await begin());
  });
}

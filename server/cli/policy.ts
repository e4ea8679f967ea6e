import type { Command } from 'commander';
import { readPolicy } from '#server/features/security-policy/actions.js';
import { changeBackTo, findPastChange, readHistory } from '#server/features/security-policy/history.js';
import { readScheduled, removeScheduled } from '#server/features/security-policy/schedule.js';
import { differenceAsJson, policyAsJson } from '#server/features/security-policy/shape.js';
import { policyFacts } from '#server/features/security-policy/words.js';
import { NotFound } from '#server/errors.js';
import { findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { addPolicySet, changeOrTell, takesStart, type StartOptions } from './policy-set.js';
import { differenceLines } from './policy-words.js';
import { print, printList } from './print.js';

const AT_ONCE = 50;

export function addPolicy(program: Command): void {
  const policy = program.command('policy').description('the security policy of an organisation');
  policy
    .command('show')
    .argument('<organization>', 'its short name')
    .description('show it, and the change that is set for later')
    .option('--json', 'as JSON', false)
    .action((slug: string, { json }: { json: boolean }) => show(slug, json));
  addPolicySet(policy);
  policy
    .command('history')
    .argument('<organization>', 'its short name')
    .description('who changed it, newest first')
    .option('--json', 'as JSON', false)
    .action((slug: string, { json }: { json: boolean }) => history(slug, json));
  policy
    .command('take-back')
    .argument('<organization>', 'its short name')
    .description('take back the change that is set for later')
    .action((slug: string) => takeBack(slug));
  takesStart(
    policy
      .command('restore')
      .argument('<organization>', 'its short name')
      .argument('<id>', 'of a change, as the history has it')
      .description('put it back to what it was after a change'),
  ).action(restore);
}

async function show(slug: string, json: boolean): Promise<void> {
  await withInstallation('demand', async ({ context }) => {
    const inside = context(await findTenant(slug));
    const [policy, waiting] = [await readPolicy(inside), await readScheduled(inside)];
    const scheduled = waiting && {
      id: waiting.scheduled.id,
      startsAt: new Date(waiting.scheduled.startsAt).toISOString(),
      by: waiting.author.name,
      differences: waiting.differences.map(differenceAsJson),
    };
    if (json) {
      print(JSON.stringify({ ...policyAsJson(policy), scheduled }, null, 2));
      return;
    }
    const names = Object.keys(policyAsJson(policy)).filter((name) => name !== 'preset');
    const facts = policyFacts(policy);
    printList(
      facts.map(({ label, value }, at) => ({ field: names[at] ?? '', value, label })),
      ['field', 'value', 'label'],
      false,
    );
    if (!waiting || !scheduled) return;
    print(`\nSet for ${scheduled.startsAt} by ${scheduled.by} (${scheduled.id}):`);
    for (const line of differenceLines(waiting.differences)) print(line);
  });
}

async function history(slug: string, json: boolean): Promise<void> {
  await withInstallation('demand', async ({ context }) => {
    const inside = context(await findTenant(slug));
    const all: Awaited<ReturnType<typeof readHistory>>['changes'] = [];
    for (let more = true; more;) {
      const { changes, total } = await readHistory(inside, { behind: all.at(-1)?.entry, limit: AT_ONCE });
      all.push(...changes);
      more = total > changes.length;
    }
    const rows = all.map(({ entry, author, differences }) => ({
      ...{ id: entry.id, changedAt: new Date(entry.changedAt).toISOString(), way: entry.way, by: author.name },
      door: entry.door,
      changes: differenceLines(differences),
    }));
    printList(rows, ['id', 'changedAt', 'way', 'by', 'changes'], json);
  });
}

async function takeBack(slug: string): Promise<void> {
  await withInstallation('demand', async ({ context }) => {
    await removeScheduled(context(await findTenant(slug)));
    print('The change that was set for later has been taken back.');
  });
}

async function restore(slug: string, id: string, options: StartOptions): Promise<void> {
  await withInstallation('demand', async ({ context }) => {
    const inside = context(await findTenant(slug));
    const past = await findPastChange(inside, id).catch((error: unknown) => {
      throw error instanceof NotFound ? new NotFound(`There is no such change. See: policy history ${slug}`) : error;
    });
    await changeOrTell(inside, changeBackTo(past), { ...options, restores: past.entry.id });
  });
}

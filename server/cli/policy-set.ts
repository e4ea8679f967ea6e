import type { Command } from 'commander';
import { POLICY_FIELDS, settingOf } from '#policies/settings.js';
import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { changePolicy } from '#server/features/security-policy/actions.js';
import type { PolicyChange } from '#server/features/security-policy/change.js';
import { previewPolicy } from '#server/features/security-policy/effects.js';
import { policyForm } from '#server/features/security-policy/input.js';
import { refuseIdle, schedulePolicy, startOf } from '#server/features/security-policy/schedule.js';
import { readForm } from '#server/input/read.js';
import { iso } from './arguments.js';
import { findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { differenceLines, effectLines } from './policy-words.js';
import { print } from './print.js';

/** When a change starts, and whether it has been looked at. */
export interface StartOptions {
  startsAt: string;
  replaces: string;
  yes: boolean;
}

export function takesStart(command: Command): Command {
  return command
    .option('--starts-at <time>', 'not now but then, in UTC, such as 2027-01-31T08:00', '')
    .option('--replaces <id>', 'the change that is set for later already, and makes way', '')
    .option('--yes', 'do it; without this it is only told what would happen', false);
}

/** `policy set acme minLength=12 twoFactor=required`: what is not named stays as it is. */
export function addPolicySet(policy: Command): void {
  takesStart(
    policy
      .command('set')
      .argument('<organization>', 'its short name')
      .argument('<field=value...>', 'such as minLength=12; addresses are parted by commas')
      .description('change it, from now on or from a date on'),
  ).action(set);
}

async function set(slug: string, typed: string[], options: StartOptions): Promise<void> {
  const change = changeOf(typed);
  await withInstallation('demand', async ({ context }) => {
    await changeOrTell(context(await findTenant(slug)), change, options);
  });
}

/** Tells what a change would do, to whom; with `yes` does it. */
export async function changeOrTell(
  context: TenantContext,
  change: PolicyChange,
  { startsAt, replaces, yes, restores = null }: StartOptions & { restores?: string | null },
): Promise<void> {
  const start = startOf(context, startsAt);
  refuseIdle(start, replaces);
  const preview = await previewPolicy(context, change, start);
  for (const line of differenceLines(preview.differences)) print(line);
  if (preview.differences.length === 0) {
    print('The security policy is like this already: nothing would change.');
    return;
  }
  for (const line of effectLines(preview)) print(line);
  if (preview.startsAt !== null) print(`It starts on ${iso(preview.startsAt) ?? ''}.`);
  if (!yes) {
    print('Nothing has been changed. To do it, give --yes too.');
    return;
  }
  if (preview.startsAt === null) {
    await changePolicy(context, change, { restores });
    print(`The security policy has been ${restores === null ? 'changed' : 'restored'}.`);
    return;
  }
  await schedulePolicy(context, change, { startsAt: preview.startsAt, replaces: replaces || null, restores });
  print('The change is set for later. Those who must do something get a mail 7 days and 1 day before.');
}

// By the form: it has the words for what is typed. A box that is not named would be off there, so all of it is read by itself.
function changeOf(typed: readonly string[]): PolicyChange {
  const change: Record<string, unknown> = {};
  for (const one of typed) {
    const [, field = '', value = ''] = /^([^=]+)=(.*)$/s.exec(one) ?? [];
    if (field === '') throw Invalid.field(one, 'Write it like minLength=12.');
    if (field in change) throw Invalid.field(field, 'Give it once.');
    if (field !== 'preset' && !(POLICY_FIELDS as readonly string[]).includes(field))
      throw Invalid.field(field, 'There is no such setting. They are listed by: policy show');
    const { change: read } = readForm(policyForm, { [field]: spelt(field, value) });
    change[field] = read[field as keyof PolicyChange];
  }
  return change as PolicyChange;
}

function spelt(field: string, value: string): string {
  const kind = field === 'preset' ? 'choice' : settingOf(field as (typeof POLICY_FIELDS)[number]).kind;
  if (kind === 'flag') return { yes: 'true', no: 'false', on: 'true', off: 'false' }[value.toLowerCase()] ?? value;
  return kind === 'addresses' ? value.replaceAll(',', '\n') : value;
}

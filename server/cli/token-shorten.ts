import { InvalidArgumentError, type Command } from 'commander';
import { Invalid } from '#server/errors.js';
import { changeMany, planFor, type Deed, type Plan } from '#server/features/credentials/many.js';
import { dayBegins } from '#server/lib/days.js';
import { iso } from './arguments.js';
import { withInstallation } from './installation.js';
import { print, printList } from './print.js';
import { chosenOf, takesChoice, type Chosen } from './token-choice.js';
import type { PlaceAddress } from './arguments.js';

/** `token shorten`: an end that comes sooner, at a day or as the policy has it. */
export function addTokenShorten(token: Command): void {
  takesChoice(token, 'shorten', 'have these end sooner, or all that the filters find; their owners get a mail')
    .option(
      '--until <day>',
      'by the end of which day, of UTC, such as 2027-01-31; else as the policy has it',
      lastMoment,
    )
    .action(shorten);
}

async function shorten(
  place: PlaceAddress,
  ids: string[],
  { until: day, ...chosen }: Chosen & { until?: number },
  command: Command,
): Promise<void> {
  const until = day ?? null;
  await withInstallation('demand', async (installation) => {
    if (until !== null && until <= installation.services.clock.now())
      throw Invalid.field('until', 'That day is over. Choose a later one, or revoke them.');
    const { context, credentials } = await chosenOf(installation, place, ids, chosen, command);
    const deed: Deed = { kind: 'shortening', until };
    const wanted = credentials.map(({ id }) => id);
    const plan = await (chosen.dryRun ? planFor : changeMany)(context, deed, wanted);
    printList(linesOf(plan), ['id', 'name', 'owner', 'expiresAt', 'endsAt', 'leftOut'], false);
    print(`${plan.reached.length} ${chosen.dryRun ? 'would end' : 'now end'} sooner; ${plan.leftOut.length} left out.`);
  });
}

const BECAUSE = {
  above: 'its owner may do more',
  'ends-earlier': 'it ends by then anyway',
  'no-cap': 'the policy says nothing about it',
} as const;

function linesOf({ reached, leftOut }: Plan) {
  return [...reached.map((one) => ({ ...one, because: null })), ...leftOut].map((one) => ({
    ...{ id: one.row.id, name: one.row.name, owner: one.owner.username },
    ...{ expiresAt: iso(one.expiresAt), endsAt: iso(one.endsAt) },
    leftOut: one.because && BECAUSE[one.because],
  }));
}

function lastMoment(given: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(given) ? dayBegins(given, 'UTC', 1) - 1 : NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError('It must be a day like 2027-01-31.');
  return at;
}

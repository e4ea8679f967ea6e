import { Option, type Command } from 'commander';
import type { Approval } from '#models/approval.js';
import { APPROVAL_STATES } from '#policies/enumerations.js';
import { listApprovals, type ListedApproval } from '#server/features/approvals/look.js';
import { iso } from './arguments.js';
import { findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { printList } from './print.js';

interface Options {
  state?: Approval['state'];
  json: boolean;
}

/** `approval list acme`: what waits for a second person. Only people decide: two of them, or it is no approval. */
export function addApproval(program: Command): void {
  program
    .command('approval')
    .description('what one person has asked for and another decides, on the pages or by the API')
    .command('list')
    .argument('<organization>', 'its short name')
    .description('list what waits, and what was decided lately')
    .addOption(new Option('--state <state>', 'only what has become this').choices(APPROVAL_STATES))
    .option('--json', 'as JSON', false)
    .action((slug: string, { state, json }: Options) =>
      withInstallation('demand', async ({ context }) => {
        const found = await listApprovals(context(await findTenant(slug)), { state });
        printList(found.map(lineOf), ['id', 'what', 'owner', 'requester', 'state', 'expiresAt'], json);
      }),
    );
}

function lineOf({ approval, what, owner, requester, decider, state }: ListedApproval) {
  const { id, kind, reason, answer, createdAt, expiresAt, decidedAt } = approval;
  return {
    ...{ id, kind, what, owner: owner?.username ?? null, requester: requester?.username ?? null, reason, state },
    ...{ createdAt: iso(createdAt), expiresAt: iso(expiresAt) },
    ...{ decider: decider?.username ?? null, decidedAt: iso(decidedAt), answer },
  };
}

import type { Approval } from '#models/approval.js';
import { PLATFORM_SLUG, Tenant } from '#models/tenant.js';
import type { TargetUser } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { askForApproval, tellDeciders } from './approvals.js';
import { approverOf } from './approver.js';
import { decidersOf, newcomersOf } from './deciders.js';
import { issueDisavowal } from './disavowal-link.js';
import { nameOf } from './name-of.js';
import type { Onward } from './readmission.js';
import { take } from './take-factor.js';
import { demandTaking, type Taking } from './taking.js';
import { targetOf, type UserWithRoles } from './user.js';

/** What came of it: it is done, with the pass that was made, or it waits for somebody else. */
export interface Taken {
  pass: string | null;
  /** How its owner goes on; null while it waits. */
  onward: Onward | null;
  approval: Approval | null;
}

/**
 * Takes it at once, or asks a second person: those who may decide are told, and the owner of the account, with a way to stop
 * it. Inside a write that has reached the user. `standing` is what they may do, where this very write has changed that.
 */
export async function takeOrAsk(
  acting: TenantContext,
  user: UserWithRoles,
  taking: Taking,
  standing: TargetUser = targetOf(user),
): Promise<Taken> {
  const by = nameOf(acting);
  const what = await demandTaking(user, taking);
  const approver = await approverOf(acting, standing);
  if (approver === 'nobody') return { ...(await take(acting, user, { ...taking, by })), approval: null };
  if (approver === 'not-yet')
    throw new Conflict(
      'Another administrator has to approve this, and what you may do is newer than three days, or your address was changed since. Ask somebody who has looked after others for longer.',
    );
  const { reason, minutes, kind, passkeyId } = taking;
  const variables = { ...(await issueDisavowal(acting, user, 'approval.requested')), by, what, reason };
  await queueMail(acting, { event: 'reset-asked', to: user, tenant: acting.tenant, variables });
  const approval = await askForApproval(acting, {
    ...{ kind, reason, minutes, userId: user.id, subjectId: passkeyId ?? user.id, epoch: user.epoch, about: what },
    ...(approver === 'platform' ? { decidingTenantId: await platformId() } : {}),
  });
  const newcomers = await newcomersOf(approval, acting.now);
  const people = await decidersOf({ ...withoutRow(approval), target: standing, newcomers });
  await tellDeciders(
    acting,
    approval.decidingTenantId,
    people.map((to) => ({ to, waiting: 1 })),
  );
  return { pass: null, onward: null, approval };
}

function withoutRow({ kind, userId, requestedBy, decidingTenantId }: Approval) {
  return { kind, userId, requestedBy, decidingTenantId };
}

async function platformId(): Promise<string> {
  return (await Tenant.findOne({ where: { slug: PLATFORM_SLUG }, rejectOnEmpty: true })).id;
}

import type { Approval } from '#models/approval.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import type { Context } from '#server/context.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { queueMail } from '#server/mail/outbox.js';

/** Mails whoever has asked for it what has become of it. Inside the write that decides it. */
export async function tellRequester(
  context: Context,
  { tenantId, requestedBy }: Approval,
  what: string,
  { decision, answer }: { decision: string; answer: string },
): Promise<void> {
  const to = await User.findOne({ where: { tenantId, id: requestedBy ?? '', status: 'active', kind: 'person' } });
  const tenant = await Tenant.findByPk(tenantId);
  if (!to || !tenant) return;
  const variables = { what, decision, reason: answer === '' ? 'none was given' : answer };
  await queueMail(context, { event: 'approval-decided', to, tenant, variables });
}

/** Mails the owner of the account that what was asked for about it is not done. Inside the write that decides it. */
export async function tellOwner(
  context: Context,
  { tenantId, userId, kind }: Approval,
  what: string,
  { decision, answer }: { decision: string; answer: string },
): Promise<void> {
  if (kind === 'api-token') return;
  const to = await User.findOne({ where: { tenantId, id: userId } });
  const tenant = await Tenant.findByPk(tenantId);
  if (!to || !tenant) return;
  const reason = answer === '' ? 'none was given' : answer;
  const variables = { ...(await issueDisavowal(context, to, 'approval.requested')), what, decision, reason };
  await queueMail(context, { event: 'reset-withheld', to, tenant, variables });
}

import type { Approval } from '#models/approval.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import type { Context } from '#server/context.js';
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

import { Link } from '#models/link.js';
import type { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { hashToken, randomToken } from '#server/lib/random-token.js';
import { queueMail } from '#server/mail/outbox.js';
import { spanText } from '#server/mail/words.js';
import { LINKS } from './link.js';

/** Mails the owner the link that puts back what was kept of their factors. Inside the write that took one away. */
export async function mailUndo(
  acting: TenantContext,
  user: User,
  { keptId, by, reason }: { keptId: string; by: string; reason: string },
): Promise<void> {
  const { now, tenant } = acting;
  const { tenantId, id: userId, epoch, email } = user;
  const { lifetime, path } = LINKS.undo;
  const token = randomToken();
  const made = { tokenHash: hashToken(token), about: keptId, createdAt: now, expiresAt: now + lifetime };
  await Link.create({ tenantId, userId, kind: 'undo', epoch, email, ...made });
  const undoLink = `${path}${token}`;
  const variables = { undoLink, undoFor: spanText(lifetime, user.locale), by, reason };
  await queueMail(acting, { event: 'factors-taken', to: user, tenant, variables });
}

import type { ApiCredential } from '#models/api-credential.js';
import type { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { queueMail } from '#server/mail/outbox.js';

const NAMED = 20;

/** Mails the owner that somebody else has revoked these. A service account reads no mail. Inside the transaction that did it. */
export async function tellOwner(context: TenantContext, owner: User, revoked: readonly ApiCredential[]): Promise<void> {
  if (revoked.length === 0 || owner.kind === 'service' || owner.id === context.actor.id) return;
  const { services, tenant, user } = context;
  const named = revoked.slice(0, NAMED).map(inWords);
  const more = revoked.length > NAMED ? [`and ${revoked.length - NAMED} more`] : [];
  const variables = {
    credential: [...named, ...more].join(', '),
    by: user?.name ?? 'An operator',
    credentialsLink: `${services.config.baseUrl}/security/tokens`,
  };
  await queueMail(context, { event: 'credential-revoked', to: owner, tenant, variables });
}

function inWords({ kind, name }: ApiCredential): string {
  return kind === 'token' ? `the API token “${name}”` : kind === 'key' ? 'the API key' : 'the API password';
}

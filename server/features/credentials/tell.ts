import { ApiCredential } from '#models/api-credential.js';
import type { SshKey } from '#models/ssh-key.js';
import type { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { queueMail } from '#server/mail/outbox.js';

const NAMED = 20;

/** Mails the owner that somebody else has revoked these. A service account reads no mail. Inside the transaction that did it. */
export async function tellOwner(
  context: TenantContext,
  owner: User,
  revoked: readonly (ApiCredential | SshKey)[],
): Promise<void> {
  if (revoked.length === 0 || owner.kind === 'service' || owner.id === context.actor.id) return;
  const { tenant, user } = context;
  const named = revoked.slice(0, NAMED).map(inWords);
  const more = revoked.length > NAMED ? [`and ${revoked.length - NAMED} more`] : [];
  const keysAlone = revoked.every((one) => !(one instanceof ApiCredential));
  const variables = {
    credential: [...named, ...more].join(', '),
    by: user?.name ?? 'An operator',
    credentialsLink: `/security/${keysAlone ? 'ssh-keys' : 'tokens'}`,
  };
  await queueMail(context, { event: 'credential-revoked', to: owner, tenant, variables });
}

function inWords(one: ApiCredential | SshKey): string {
  if (!(one instanceof ApiCredential)) return `the SSH key “${one.name}” (${one.fingerprint})`;
  const { kind, name } = one;
  return kind === 'token' ? `the API token “${name}”` : kind === 'key' ? 'the API key' : 'the API password';
}

import type { ApiCredential } from '#models/api-credential.js';
import { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { queueMail } from '#server/mail/outbox.js';
import { credentialText } from '#server/mail/words.js';
import type { EventName } from '#server/trace/events.js';
import { record, type Details } from '#server/trace/record.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';

type Addition = Extract<
  EventName,
  'api-token.created' | 'api-token.rotated' | 'api-key.generated' | 'api-password.generated'
>;

/** Writes to the log and mails the owner that something new acts for them. Inside the transaction that made it. */
export async function traceAddition(
  context: TenantContext,
  event: Addition,
  row: ApiCredential,
  details: Details = {},
): Promise<void> {
  const owner = await User.findOne({ where: { tenantId: row.tenantId, id: row.userId }, rejectOnEmpty: true });
  // A service account reads no mail, and whoever made the token for it knows.
  if (owner.kind === 'person') {
    const disavowal = await issueDisavowal(context, owner, event);
    await queueMail(context, {
      event: 'credential-added',
      to: owner,
      tenant: context.tenant,
      variables: {
        what: event === 'api-token.rotated' ? 'secret of an API token' : `API ${row.kind}`,
        credential: wordsOf(event, row),
        ...disavowal,
      },
    });
  }
  await record(context, {
    event,
    target: { type: 'user', id: row.userId },
    details: { credential: row.id, name: row.name, ...details },
  });
}

function wordsOf(event: Addition, row: ApiCredential): string {
  switch (event) {
    case 'api-token.created':
      return credentialText(row);
    case 'api-token.rotated':
      return `A new secret of the API token “${row.name}”`;
    case 'api-key.generated':
      return 'An API key';
    case 'api-password.generated':
      return 'An API password';
  }
}

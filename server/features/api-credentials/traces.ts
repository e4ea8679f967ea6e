import type { ApiCredential } from '#models/api-credential.js';
import { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { queueMail } from '#server/mail/outbox.js';
import { accountText, credentialText } from '#server/mail/words.js';
import type { EventName } from '#server/trace/events.js';
import { record, type Details } from '#server/trace/record.js';
import { adminsOf } from '#server/identity/admins.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { nameOf } from '#server/identity/name-of.js';

type Addition = Extract<
  EventName,
  'api-token.created' | 'api-token.rotated' | 'api-key.generated' | 'api-password.generated'
>;

/** Writes to the log and mails the owner that something new acts for them, or who looks after a service account. Inside the transaction that made it. */
export async function traceAddition(
  context: TenantContext,
  event: Addition,
  row: ApiCredential,
  details: Details = {},
): Promise<void> {
  const owner = await User.findOne({ where: { tenantId: row.tenantId, id: row.userId }, rejectOnEmpty: true });
  if (owner.kind === 'service') await tellAdmins(context, event, row, owner);
  else {
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

// A service account reads no mail. Whoever made a token for it knows; of a secret that takes the place of another, whoever
// looks after the program must.
async function tellAdmins(context: TenantContext, event: Addition, row: ApiCredential, owner: User): Promise<void> {
  if (event !== 'api-token.rotated') return;
  const { tenant } = context;
  for (const admin of await adminsOf(tenant.id, owner.id))
    await queueMail(context, {
      event: 'service-credential-rotated',
      to: admin,
      tenant,
      variables: {
        credential: credentialText(row),
        account: accountText(owner),
        of: owner.username,
        by: nameOf(context),
        accountLink: `/admin/users/${owner.id}`,
      },
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

import { ApiCredentialSecret } from '#models/api-credential-secret.js';
import { ApiCredential } from '#models/api-credential.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import type { Context } from '#server/context.js';
import { readersOf } from '#server/identity/admins.js';
import { asVisitor } from '#server/identity/take-link.js';
import { parseApiSecret } from '#server/lib/api-secret.js';
import { queueMail } from '#server/mail/outbox.js';
import { credentialPath, credentialText } from '#server/mail/words.js';
import { record } from '#server/trace/record.js';

/**
 * Revokes the credentials of those reported secrets that are real and still work, mails who looks after them and logs it high.
 * Tells nobody which they were.
 */
export async function reportLeaked(context: Context, tokens: readonly string[]): Promise<void> {
  for (const text of new Set(tokens)) {
    const secret = parseApiSecret(text.trim());
    if (!secret) continue;
    const found = await ApiCredentialSecret.findOne({ where: { publicId: secret.publicId, secretHash: secret.hash } });
    // A former secret that has died already gives nobody anything: the credential goes on with its new one.
    if (found && (found.diesAt === null || found.diesAt > context.now)) await revokeLeaked(context, found);
  }
}

async function revokeLeaked(context: Context, { tenantId, credentialId }: ApiCredentialSecret): Promise<void> {
  await asVisitor(context, { tenantId }, async () => {
    const [revoked] = await ApiCredential.update(
      { revokedAt: context.now, endedBecause: 'leaked' },
      { where: { tenantId, id: credentialId, revokedAt: null } },
    );
    if (revoked !== 1) return;
    const row = await ApiCredential.findByPk(credentialId, { rejectOnEmpty: true });
    const tenant = await Tenant.findByPk(tenantId, { rejectOnEmpty: true });
    const owner = await User.findOne({ where: { tenantId, id: row.userId }, rejectOnEmpty: true });
    await record(context, {
      event: 'api-credential.leaked',
      tenantId,
      actorId: null,
      target: { type: 'user', id: owner.id },
      details: { credential: row.id, name: row.name, kind: row.kind },
    });
    const credential = credentialText(row);
    const credentialsLink = credentialPath(row, owner);
    const variables = { credential, of: owner.username, credentialsLink };
    for (const reader of await readersOf(owner))
      await queueMail(context, { event: 'credential-leaked', ...reader, tenant, variables });
  });
}

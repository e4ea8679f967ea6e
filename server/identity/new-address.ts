import { ApiCredentialAddress } from '#models/api-credential-address.js';
import { ApiCredential } from '#models/api-credential.js';
import { Tenant } from '#models/tenant.js';
import { inTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import { Op, Transaction } from 'sequelize';
import type { Context } from '#server/context.js';
import { DAY } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { credentialPath, credentialText } from '#server/mail/words.js';
import { record } from '#server/trace/record.js';
import { readersOf } from './admins.js';

/** So many new addresses of a credential are told of in a day: a program that moves about must not fill a mailbox. */
const MOST_TOLD = 5;

/**
 * Tells the owner of a credential that it was used from an address for the first time: once for each address, however many
 * calls come at once. Not of the very first, which is where its program is.
 */
export async function tellOfNewAddress(
  context: Context,
  { tenantId, credentialId, ip }: { tenantId: string; credentialId: string; ip: string },
): Promise<void> {
  const { now } = context;
  const others = { tenantId, credentialId, ip: { [Op.ne]: ip } };
  if ((await ApiCredentialAddress.count({ where: others })) === 0) return;
  await inTransaction(async () => {
    // Held, so that of several addresses at once no more are told of than may be.
    const row = await ApiCredential.findOne({ where: { tenantId, id: credentialId }, lock: Transaction.LOCK.UPDATE });
    const here = { tenantId, credentialId, ip };
    const [marked] = await ApiCredentialAddress.update(
      { toldAt: now },
      { where: { ...here, toldAt: null, firstUsedAt: { [Op.ne]: null } } },
    );
    if (marked !== 1) return;
    const today = { tenantId, credentialId, toldAt: { [Op.gt]: now - DAY } };
    if ((await ApiCredentialAddress.count({ where: today })) > MOST_TOLD) return;
    const owner = row && (await User.findOne({ where: { tenantId, id: row.userId } }));
    const tenant = await Tenant.findByPk(tenantId);
    if (!row || !owner || !tenant) return;
    const target = { type: 'user', id: owner.id } as const;
    const details = { credential: row.id, name: row.name, kind: row.kind };
    await record(context, { event: 'api-credential.new-address', tenantId, actorId: null, target, details });
    const variables = {
      credential: credentialText(row),
      of: owner.username,
      credentialsLink: credentialPath(row, owner),
    };
    for (const reader of await readersOf(owner))
      await queueMail(context, { event: 'credential-new-address', ...reader, tenant, variables });
  });
}

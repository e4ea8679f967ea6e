import type { Tenant } from '#models/tenant.js';
import { inTransaction } from '#models/transaction.js';
import type { Context } from '#server/context.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { adminsOf } from './admins.js';

/** Tells the log of the platform, and every operator, that another secret key is current: whoever has not done it hears of it as well. */
export async function tellOfRotation(context: Context, platform: Tenant, key: string): Promise<void> {
  await inTransaction(async () => {
    for (const to of await adminsOf(platform.id, ''))
      await queueMail(context, { event: 'key-rotated', to, tenant: platform, variables: { key } });
    await record(context, { event: 'key.rotated', tenantId: platform.id, details: { key } });
  });
}

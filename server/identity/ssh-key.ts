import { SshKey } from '#models/ssh-key.js';
import type { Context } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { record } from '#server/trace/record.js';

/** Removes a key that the caller may remove; from then on no server is given it. A second time is not found. Inside a transaction. */
export async function removeKey(context: Context, { id, tenantId, userId, name, fingerprint }: SshKey): Promise<void> {
  if ((await SshKey.destroy({ where: { tenantId, id } })) !== 1) throw new NotFound();
  await record(context, {
    event: 'ssh-key.removed',
    tenantId,
    target: { type: 'user', id: userId },
    details: { name, fingerprint },
  });
}

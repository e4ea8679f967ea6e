import type { SignedInContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { actingNow } from '#server/identity/acting.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { hasFactor } from '#server/identity/factors.js';
import { lockUser } from '#server/identity/lock-user.js';
import { replaceRecoveryCodes } from '#server/identity/recovery-codes.js';

/** New codes in the place of the old ones, for who asks for them; shown once. */
export async function renewRecoveryCodes(context: SignedInContext): Promise<string[]> {
  return actingNow(context, 'own', async (acting) => {
    // Locked: of two at once the second replaces the codes of the first, so that no more than ten ever work.
    const user = await lockUser(acting.tenant.id, acting.user.id);
    if (!(await hasFactor(user)))
      throw new Conflict('Recovery codes come with a second factor. Set up an app or add a passkey first.');
    const codes = await replaceRecoveryCodes(acting, user);
    await record(acting, { event: 'recovery-codes.renewed', target: { type: 'user', id: user.id } });
    const variables = await issueDisavowal(acting, user, 'recovery-codes.renewed');
    await queueMail(acting, { event: 'recovery-codes-renewed', to: user, tenant: acting.tenant, variables });
    return codes;
  });
}

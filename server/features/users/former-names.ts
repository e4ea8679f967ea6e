import { canonicalUsername } from '#policies/names.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, Invalid } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { freeName } from '#server/identity/former-name.js';
import { record } from '#server/trace/record.js';

/** Lets anybody have a username again that somebody once had. An owner's to decide: it may mean that person elsewhere. */
export async function freeUsername(context: TenantContext, typed: string): Promise<void> {
  await actingNow(context, 'users:write', async (acting) => {
    if (!acting.actor.top)
      throw new Forbidden('Only an owner of the organisation frees a former username. Ask one of them.');
    if (!(await freeName(acting, acting.tenant.id, canonicalUsername(typed))))
      throw Invalid.field('username', 'This username is not reserved. Check how it is spelt.');
    await record(acting, {
      event: 'username.freed',
      target: { type: 'tenant', id: acting.tenant.id },
      details: { username: typed.trim() },
    });
  });
}

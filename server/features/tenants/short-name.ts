import type { Context } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { freeName, SHORT_NAMES } from '#server/identity/former-name.js';

/** Lets a new organisation have the short name of one that was removed. */
export async function freeShortName(context: Context, slug: string): Promise<void> {
  await actingNow(context, 'tenants:write', async (acting) => {
    if (!(await freeName(acting, SHORT_NAMES, slug.trim().toLowerCase())))
      throw Invalid.field('slug', 'This short name is not reserved. Check how it is spelt.');
  });
}

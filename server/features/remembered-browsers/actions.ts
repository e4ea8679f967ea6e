import { Op } from 'sequelize';
import { RememberedBrowser } from '#models/remembered-browser.js';
import { SecurityPolicy } from '#models/security-policy.js';
import type { User } from '#models/user.js';
import type { Context, SignedInContext, TenantInContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import type { ClientDescription } from '#server/lib/client.js';
import { DAY } from '#server/lib/clock.js';
import { actingNow } from '#server/identity/acting.js';
import { arriving } from '#server/identity/arrival.js';
import { hashToken } from '#server/lib/random-token.js';
import { record } from '#server/trace/record.js';

export interface Remembered {
  id: string;
  client: ClientDescription | null;
  ip: string;
  createdAt: number;
  lastUsedAt: number;
  expiresAt: number;
}

/** Remembers a browser for as many days as the policy allows; `token` goes into its cookie. Gives those days; 0 when it is not remembered. */
export async function rememberBrowser(
  context: Context,
  owner: { user: User; tenant: TenantInContext },
  token: string,
): Promise<number> {
  const { user, tenant } = owner;
  const { rememberBrowserDays: days } = await SecurityPolicy.of(tenant.id);
  if (days === 0) return 0;
  await arriving(context, { user, tenant }, async () => {
    await RememberedBrowser.create({
      tenantId: tenant.id,
      userId: user.id,
      tokenHash: hashToken(token),
      epoch: user.epoch,
      client: JSON.stringify(context.client),
      ip: context.ip ?? '',
      createdAt: context.now,
      expiresAt: context.now + days * DAY,
      lastUsedAt: context.now,
    });
    await record(context, {
      event: 'browser.remembered',
      tenantId: tenant.id,
      actorId: user.id,
      target: { type: 'user', id: user.id },
      details: { days },
    });
  });
  return days;
}

/**
 * Since when this browser may go without a code: remembered for this user, in time, under today's policy, and nothing
 * of the account has changed since. Null when it may not.
 */
export async function rememberedSince(context: Context, user: User, token: string | null): Promise<number | null> {
  if (token === null) return null;
  const where = { ...(await liveWhere(user, context.now)), tokenHash: hashToken(token) };
  const [used] = await RememberedBrowser.update({ lastUsedAt: context.now }, { where });
  if (used !== 1) return null;
  const { createdAt } = await RememberedBrowser.findOne({
    where: { tokenHash: hashToken(token) },
    rejectOnEmpty: true,
  });
  return createdAt;
}

/** The browsers that are remembered for the caller. */
export async function listRemembered({ user, now }: SignedInContext): Promise<Remembered[]> {
  const { rememberBrowserDays: days } = await SecurityPolicy.of(user.tenantId);
  const rows = await RememberedBrowser.findAll({
    where: await liveWhere(user, now),
    order: [['lastUsedAt', 'DESC']],
    limit: 100,
  });
  return rows.map(({ id, client, ip, createdAt, lastUsedAt, expiresAt }) => ({
    id,
    client: JSON.parse(client) as ClientDescription | null,
    ip,
    createdAt,
    lastUsedAt,
    expiresAt: Math.min(expiresAt, createdAt + days * DAY),
  }));
}

/** Forgets one of the caller's remembered browsers. */
export async function forgetBrowser(context: SignedInContext, id: string): Promise<void> {
  await actingNow(context, 'own', async (acting) => {
    const { tenantId, id: userId } = acting.user;
    const [forgotten] = await RememberedBrowser.update(
      { endedAt: context.now },
      { where: { tenantId, userId, id, endedAt: null } },
    );
    if (forgotten !== 1) throw new NotFound();
    await record(acting, { event: 'browser.forgotten', target: { type: 'user', id: userId } });
  });
}

// A policy that has been tightened since holds for the browsers of before, too.
async function liveWhere(user: { id: string; tenantId: string; epoch: number }, now: number) {
  const { tenantId, id: userId, epoch } = user;
  const { rememberBrowserDays: days } = await SecurityPolicy.of(tenantId);
  return {
    tenantId,
    userId,
    epoch,
    endedAt: null,
    expiresAt: { [Op.gt]: now },
    createdAt: { [Op.gt]: now - days * DAY },
  };
}

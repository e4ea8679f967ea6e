import { Op } from 'sequelize';
import { newId } from '#models/columns.js';
import { aboutKeptFactors, KeptFactor } from '#models/kept-factor.js';
import type { User } from '#models/user.js';
import type { Context } from '#server/context.js';
import { factorKinds } from './factor-kind.js';
import { LINKS } from './link.js';

/** Keeps the factors of a user aside, sealed, before an administrator takes one away. Gives the id of what is kept. Inside that write. */
export async function keepFactors(context: Context, user: User): Promise<string> {
  const { services, now } = context;
  const { tenantId, id: userId } = user;
  const factors: Record<string, unknown> = {};
  for (const { keep } of factorKinds()) Object.assign(factors, await keep(context, user));
  const id = newId();
  const sealedFactors = services.keys.seal(JSON.stringify(factors), aboutKeptFactors({ id, userId }));
  const expiresAt = now + LINKS.undo.lifetime;
  await KeptFactor.create({ id, tenantId, userId, sealedFactors, createdAt: now, expiresAt });
  return id;
}

/**
 * Puts back what was kept, and ends every factor that was set up since: what is there afterwards is what was there then. Gives
 * what goes into the row of the user with it. Inside a write that holds the user; the epoch is the caller's to move.
 */
export async function putFactorsBack(context: Context, kept: KeptFactor): Promise<Partial<Pick<User, 'twoFactor'>>> {
  const { tenantId, userId } = kept;
  const factors = JSON.parse(context.services.keys.open(kept.sealedFactors, aboutKeptFactors(kept))) as object;
  const columns = {};
  for (const { putBack } of factorKinds())
    Object.assign(columns, await putBack(context, { tenantId, userId }, { ...factors, at: kept.createdAt }));
  // What was taken before goes further back: the link of an earlier mail still leads there.
  await KeptFactor.destroy({ where: { tenantId, userId, createdAt: { [Op.gte]: kept.createdAt } } });
  return columns;
}

import { Link } from '#models/link.js';
import type { LinkKind } from '#policies/enumerations.js';
import { inTransaction } from '#models/transaction.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { SYSTEM } from '#policies/actor.js';
import type { Context, TenantContext } from '#server/context.js';
import { Refusal } from '#server/errors.js';
import { hashToken } from '#server/lib/random-token.js';
import { hasGone } from './gone.js';
import { inContext } from './tenant.js';
import { hold } from './acting.js';

/** A link that opens nothing: there never was one (404), or it was used, has run out or is void (410). */
export class DeadLink extends Refusal {
  constructor(status: 404 | 410) {
    super(status, 'dead_link', 'This link no longer works.');
  }
}

/** A link that works, and what it stands on. */
export interface LiveLink {
  link: Link;
  user: User;
  /** The request as one in the link's organisation. Who else may be signed in in this browser has no part in it. */
  context: TenantContext;
}

/** What a user must be for a link of this kind to work. */
const STATUS: Readonly<Record<LinkKind, User['status']>> = {
  invitation: 'invited',
  'password-reset': 'active',
  'email-change': 'active',
  disavowal: 'active',
  enrolment: 'active',
  undo: 'active',
};

/** The live link with this token. Throws `DeadLink`. Looking changes nothing: mail programs open links before people do. */
export async function findLink(context: Context, kind: LinkKind, token: string): Promise<LiveLink> {
  const link = await Link.findOne({ where: { kind, tokenHash: hashToken(token) } });
  if (!link) throw new DeadLink(404);
  return look(context, link);
}

/**
 * The entrance of a write by a mailed link. Takes the link: of any number of callers exactly one gets on, and none for
 * whom something it stands on has changed since they looked. `work` is given it with the user as the row is now, locked.
 * Throws `DeadLink`.
 */
export async function takingLink<T>(
  context: Context,
  { link }: LiveLink,
  work: (live: LiveLink) => Promise<T>,
): Promise<T> {
  return inTransaction(async () => {
    await hold(context.services, link.tenantId, [link.userId]);
    const live = await look(context, link);
    if (!(await link.take(context.now))) throw new DeadLink(410);
    return work(live);
  });
}

/** The same for a visitor whom nobody proved to be anybody: what it is about are these. */
export async function asVisitor<T>(
  context: Context,
  { tenantId, userId }: { tenantId: string; userId?: string },
  work: () => Promise<T>,
): Promise<T> {
  return inTransaction(async () => {
    await hold(context.services, tenantId, [userId]);
    return work();
  });
}

/** A request that nobody has signed in for, as one in this organisation. */
export function asVisitorOf(context: Context, tenant: Tenant): TenantContext {
  return {
    ...context,
    actor: SYSTEM,
    tenant: inContext(tenant),
    user: null,
    policy: null,
    secondFactor: null,
    duty: null,
    session: null,
    credential: null,
  };
}

async function look(context: Context, link: Link): Promise<LiveLink> {
  const { tenantId, userId, epoch, kind, usedAt, expiresAt } = link;
  // Whoever takes an account over moves its epoch on; that must not void what its owner can do about it.
  const unmoved = kind === 'disavowal' || kind === 'undo' ? {} : { epoch };
  const user = await User.findOne({ where: { tenantId, id: userId, ...unmoved, status: STATUS[kind] } });
  const tenant = await Tenant.findOne({ where: { id: tenantId, status: 'active' } });
  if (!user || !tenant || usedAt !== null || expiresAt <= context.now) throw new DeadLink(410);
  if (await hasGone(context.services.database.read, user, context.now)) throw new DeadLink(410);
  return { link, user, context: asVisitorOf(context, tenant) };
}

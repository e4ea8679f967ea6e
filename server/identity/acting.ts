import type { Read } from '#models/database.js';
import { Session } from '#models/session.js';
import { inTransaction, isInTransaction, readInTransaction } from '#models/transaction.js';
import type { Context } from '#server/context.js';
import { Conflict, Forbidden, SignedOut, Unauthenticated } from '#server/errors.js';
import { admit, admitCaller, callerOf, demandOfCaller, type Demand } from './admission.js';
import { readCredentialAgain, readUserAsCaller, type Caller } from './credential-read.js';
import { beginnerNow, orLost } from './begun.js';
import { readPrincipal, type Asked, type Principal } from './principal.js';
import { noteMoves, standingsNow } from './standing-moves.js';

/** What a write holds on to until it ends, beside the row of who acts. */
export interface Holding {
  /**
   * True where roles, owners or the policy change, or somebody is disabled or removed: it waits for every write of the
   * organisation that is under way, and every later one waits for it. Else people write side by side.
   */
  organisation?: boolean;
  /** True where somebody is added, who may get rights over others. */
  adds?: boolean;
  /** The user whom it is about, where that is somebody else. */
  userId?: string;
  /** True where it changes the roles, the address or the state of that user and of nobody else, and no role itself. */
  nobodyElse?: boolean;
  /** Others on whom it stands. */
  userIds?: readonly string[];
}

/**
 * The one entrance of every write. Head and body of a request may be a minute apart, and a place in a queue is a wait as
 * well: so what the door saw is good for showing a page, and not for changing a row. In one transaction this takes the
 * locks, always in the same order (organisation, users by their ids), reads session or credential, user, roles,
 * organisation and address rule again, and gives `work` a context whose actor is made from that. Throws what the next
 * request of the same sender would be answered: `SignedOut`, `Unauthenticated`, `Outside`, `Bound`, `Forbidden`; of what
 * was begun by a request that is over, `AuthorityLost`.
 */
export async function actingNow<C extends Context, T>(
  context: C,
  demand: Demand,
  work: (acting: C) => Promise<T>,
  holding: Holding = {},
): Promise<T> {
  // Locks taken one inside another would be taken in two orders.
  if (isInTransaction()) throw new Error('A write begins here, and not inside another.');
  return inTransaction(async () => {
    const { services, tenant, user } = context;
    if (tenant)
      await hold(services, tenant.id, [user?.id, holding.userId, ...(holding.userIds ?? [])], holding.organisation);
    const acting = { ...context, ...(await authorityOf(context, demand)) };
    await context.begun?.take();
    const moving = tenant && (holding.organisation || holding.adds);
    const only = holding.nobodyElse ? holding.userId : undefined;
    const before = moving ? await standingsNow(tenant.id, only) : null;
    const outcome = await work(acting);
    if (before) await noteMoves(acting, before, only);
    return outcome;
  });
}

/** The writes before there is anybody who could be asked: the first set-up, which its one-time code opens, and the demonstration. */
export function firstWrite<T>(work: () => Promise<T>): Promise<T> {
  return inTransaction(work);
}

/** Takes the locks of a write. SQLite needs none: its transactions begin by waiting for the one writer there may be. */
export async function hold(
  { database }: Context['services'],
  tenantId: string,
  userIds: readonly (string | undefined)[],
  organisation = false,
): Promise<void> {
  if (database.dialect === 'sqlite') return;
  const ids = [...new Set(userIds.filter((id) => id !== undefined))];
  const tenant = organisation ? WHOLE : SHARED;
  // Of what nothing is joined to, PostgreSQL would not even look at the organisation.
  if (ids.length === 0) await readInTransaction(tenant, [tenantId]);
  else await readInTransaction(withUsers(tenant), [tenantId, `{${ids.join(',')}}`]);
}

// Not the stronger FOR UPDATE: a mail being queued refers to these rows, and would wait for it.
const SHARED = 'SELECT id FROM tenants WHERE id = $1 FOR SHARE';
const WHOLE = 'SELECT id FROM tenants WHERE id = $1 FOR NO KEY UPDATE';
const withUsers = (tenant: string): string => `WITH held AS MATERIALIZED (${tenant})
SELECT u.id FROM held JOIN users u ON u.tenant_id = held.id AND u.id = ANY($2::text[]) ORDER BY u.id FOR NO KEY UPDATE OF u`;

async function authorityOf(context: Context, demand: Demand): Promise<Partial<Context>> {
  const { actor, session, credential, services, ip, begun, user } = context;
  // Expiry is about now, and not about when the request began.
  const asked = { now: services.clock.now(), ip };
  if (begun && credential) return orLost(demand, () => callerNow(readInTransaction, context, demand, asked));
  if (begun && user)
    return orLost(demand, async () => {
      const beginner = await readUserAsCaller(readInTransaction, { ...user, userId: user.id }, asked);
      return beginnerNow(beginner, begun, demand);
    });
  if (session) return principalNow(session, demand, asked);
  if (credential) return callerNow(readInTransaction, context, demand, asked);
  // The command line and the jobs: whoever may start them may all.
  if (actor === null || actor.kind === 'user') throw new Forbidden();
  return {};
}

async function principalNow(
  { id, sidHash }: { id: string; sidHash: string },
  demand: Demand,
  asked: Asked,
): Promise<Principal> {
  const principal = await readPrincipal(readInTransaction, sidHash, asked);
  if (!principal) {
    // It goes on under another id: another request of the very same browser was first.
    const renewed = await Session.findOne({ where: { id, endedAt: null }, attributes: ['sidHash'] });
    if (renewed && renewed.sidHash !== sidHash)
      throw new Conflict('This session has just been changed elsewhere. Sign in again.');
    throw new SignedOut();
  }
  admit(principal, demand);
  return principal;
}

/** Whoever calls with a credential, as they are now. Throws what their next call that demands this would be answered. */
export async function callerNow(
  read: Read,
  { credential, user, ip }: Context,
  demand: Demand,
  asked: Asked,
): Promise<Caller> {
  const caller = await readAgain(read, credential, user, asked);
  admitCaller(caller, ip);
  demandOfCaller(caller, demand);
  return caller;
}

async function readAgain(
  read: Read,
  credential: Context['credential'],
  user: Context['user'],
  asked: Asked,
): Promise<Caller> {
  if (credential?.publicId != null) {
    const { kind, publicId } = credential;
    return callerOf(await readCredentialAgain(read, { kind, publicId }, asked));
  }
  // By the sign-in password: good while nothing of the account has changed since it was checked.
  const caller = user ? await readUserAsCaller(read, { ...user, userId: user.id }, asked) : null;
  if (!caller || caller.user.epoch !== user?.epoch)
    throw new Unauthenticated('invalid_credentials', 'This credential is not valid.');
  return caller;
}

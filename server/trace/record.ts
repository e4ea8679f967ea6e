import { SecurityLogHead } from '#models/security-log-head.js';
import type { Door } from '#policies/enumerations.js';
import type { Context } from '#server/context.js';
import type { ClientDescription } from '#server/lib/client.js';
import { append } from './append.js';
import { GENESIS, headOf } from './chain.js';
import type { EventName } from './events.js';

/** Old and new of what changed, or other plain facts. Never a secret, a hash or a link; of a person, no more than must be. */
export type Details = Record<
  string,
  string | number | boolean | null | readonly string[] | { from: unknown; to: unknown }
>;

export interface Happening {
  event: EventName;
  /** Whose log; by default the tenant of the context. */
  tenantId?: string;
  target?: { type: 'user' | 'role' | 'tenant' | 'session' | 'policy' | 'log'; id: string };
  /** Who did it, where that is not the actor of the context: at sign-in nobody is signed in yet. */
  actorId?: string | null;
  details?: Details;
  /**
   * Which of the details were typed about the target, a user, beside those that always name one: their values are sealed
   * under a key that goes with the account.
   */
  personal?: readonly string[];
}

/** What happened at another time than now. */
export interface PastHappening extends Happening {
  at?: number;
  /** From where, where that is not the context's. */
  from?: { door: Door; ip: string | null; client: ClientDescription | null };
}

/**
 * Writes one row of the security log, chained to the one before it. Call it inside the transaction of what it tells of,
 * as late as may be: the tenant's other writers wait until that ends. Who writes into two logs takes the tenant's
 * first and the platform's second, so that no two wait for each other.
 */
export async function record(context: Context, happening: Happening): Promise<void> {
  const tenantId = happening.tenantId ?? context.tenant?.id;
  if (tenantId === undefined) throw new Error(`The event ${happening.event} has no tenant.`);
  await append(context, tenantId, [happening]);
}

/** Writes many rows at once into one log: for imports, and for demonstrations at size. */
export async function recordMany(
  context: Context,
  tenantId: string,
  happenings: readonly PastHappening[],
): Promise<void> {
  await append(context, tenantId, happenings);
}

/** Begins the chain of a new tenant. */
export async function beginLog(context: Context, tenantId: string): Promise<void> {
  await SecurityLogHead.create(headOf(context.services.keys, tenantId, 0, GENESIS));
}

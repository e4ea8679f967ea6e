import { createHash } from 'node:crypto';
import { ApiCredential } from '#models/api-credential.js';
import { mostMonths } from '#models/security-policy.js';
import type { SshKey } from '#models/ssh-key.js';
import type { LeftOutBecause } from '#policies/enumerations.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import type { UserWithRoles } from '#server/identity/user.js';
import { record } from '#server/trace/record.js';
import { cappedEnd, shorten } from '../api-credentials/shorten.js';
import { endLive } from './actions.js';
import type { CredentialFilters } from './orders.js';
import { liveOf, mayReach, ownersOf } from './rows.js';
import { walkCredentials } from './walk.js';

/** So many are changed in one go; what is left is found by the next. */
export const MOST = 1000;
/** So many in one transaction, which nobody else may write beside. */
const AT_ONCE = 100;

/** What is to be done: the end of all calls with it, or an end that comes sooner: at this time, or as the policy has it. */
export type Deed = { kind: 'removal' } | { kind: 'shortening'; until: number | null };

/** Those that are named, or in their place all that the filters find. */
export interface Choice {
  ids: readonly string[];
  all: boolean;
  filters: CredentialFilters;
}

export interface Considered {
  row: ApiCredential | SshKey;
  owner: UserWithRoles;
  /** When it was to end. */
  expiresAt: number | null;
  /** When it would end; null where it ends at once. */
  endsAt: number | null;
}

/** What a deed does to each: who is left out, and why. */
export interface Plan {
  reached: Considered[];
  leftOut: (Considered & { because: LeftOutBecause })[];
}

/** Which credentials are chosen, at most a thousand, and whether there are more. Whoever chooses by filters must be one who sees the list. */
export async function idsOf(context: TenantContext, { ids, all, filters }: Choice) {
  const { actor, tenant, now, services } = context;
  if (!can(actor, 'credentials:revoke') || (all && !can(actor, 'credentials:read'))) throw new Forbidden();
  if (!all) return { ids: [...new Set(ids)], more: false };
  const { database } = services;
  const about = { dialect: database.dialect, tenantId: tenant.id, now, mostMonths: await mostMonths(tenant.id) };
  const found: string[] = [];
  let after: Awaited<ReturnType<typeof walkCredentials>>['next'] = null;
  do {
    const walked = await walkCredentials(database, about, filters, MOST - found.length, after);
    found.push(...walked.ids);
    after = walked.next;
  } while (after !== null && found.length < MOST);
  return { ids: found, more: after !== null };
}

/** These credentials and no other, in a word: what was looked at, and what is there now. */
export function seenOf(ids: readonly string[]): string {
  return createHash('sha256')
    .update([...ids].sort().join())
    .digest('base64url');
}

/** What would be done to these, as things are now; those that have ended meanwhile are not among them. */
export async function planFor(context: TenantContext, deed: Deed, ids: readonly string[]): Promise<Plan> {
  if (!can(context.actor, 'credentials:revoke')) throw new Forbidden();
  const { tenant } = context;
  const live = await liveOf(context, ids);
  const owners = await ownersOf(context, live);
  const months = await mostMonths(tenant.id);
  const plan: Plan = { reached: [], leftOut: [] };
  for (const row of live) {
    const owner = owners.get(row.userId);
    if (!owner) continue;
    const endsAt = endOf(deed, row, months, context.now);
    const because = mayReach(context, owner) ? whyNot(row, endsAt) : 'above';
    const one = { row, owner, expiresAt: row.expiresAt };
    if (because === null) plan.reached.push({ ...one, endsAt: endsAt ?? null });
    else plan.leftOut.push({ ...one, endsAt: null, because });
  }
  return plan;
}

/** Does it to these, a part at a time: authority and rules are asked anew for each. Gives what was done. */
export async function changeMany(context: TenantContext, deed: Deed, chosen: readonly string[]): Promise<Plan> {
  const done: Plan = { reached: [], leftOut: [] };
  const live = await liveOf(context, chosen);
  // Those of one owner together, who is told of them in one mail.
  const rows = [...live].sort((one, other) => (one.userId < other.userId ? -1 : one.userId > other.userId ? 1 : 0));
  for (let from = 0; from === 0 || from < rows.length; from += AT_ONCE) {
    const part = rows.slice(from, from + AT_ONCE);
    const ids = part.map(({ id }) => id);
    // Held by their owners: what somebody else is just changing has been changed when it is looked at.
    const userIds = [...new Set(part.map(({ userId }) => userId))];
    const { reached, leftOut } = await actingNow(
      context,
      'credentials:revoke',
      async (acting) => {
        const plan = await planFor(acting, deed, ids);
        await (deed.kind === 'removal' ? endLive(acting, plan.reached) : shortenLive(acting, plan.reached));
        return plan;
      },
      { userIds },
    );
    done.reached.push(...reached);
    done.leftOut.push(...leftOut);
  }
  return done;
}

// Undefined where a policy is asked that says nothing about it.
function endOf(deed: Deed, row: ApiCredential | SshKey, months: number, now: number): number | null | undefined {
  if (deed.kind === 'removal') return null;
  if (deed.until !== null) return deed.until;
  return row instanceof ApiCredential ? cappedEnd(row.createdAt, months, now) : undefined;
}

function whyNot({ expiresAt }: ApiCredential | SshKey, endsAt: number | null | undefined): LeftOutBecause | null {
  if (endsAt === undefined) return 'no-cap';
  return endsAt !== null && expiresAt !== null && expiresAt <= endsAt ? 'ends-earlier' : null;
}

async function shortenLive(acting: TenantContext, reached: readonly Considered[]): Promise<void> {
  for (const { row, endsAt } of reached) {
    const { id, name, userId } = row;
    const expiresAt = { from: row.expiresAt && iso(row.expiresAt), to: endsAt && iso(endsAt) };
    const target = { type: 'user', id: userId } as const;
    await (row instanceof ApiCredential
      ? record(acting, {
          ...{ event: 'api-credential.shortened', target },
          details: { credential: id, name, kind: row.kind, expiresAt },
        })
      : record(acting, {
          ...{ event: 'ssh-key.shortened', target },
          details: { name, fingerprint: row.fingerprint, expiresAt },
        }));
  }
  const found = reached.flatMap(({ row, endsAt }) => (endsAt === null ? [] : [{ credential: row, endsAt }]));
  await shorten(acting, found, acting.user?.name ?? 'An operator');
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

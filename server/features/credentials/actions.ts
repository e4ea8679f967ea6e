import { ApiCredential } from '#models/api-credential.js';
import { mostMonths } from '#models/security-policy.js';
import { User } from '#models/user.js';
import { can } from '#policies/can.js';
import { mayActOn } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, Invalid, NotFound } from '#server/errors.js';
import { openCursor, sealCursor } from '#server/lib/cursor.js';
import { revoke, revokeAll } from '#server/identity/credential.js';
import { viewsOf, type CredentialView } from '../api-credentials/list.js';
import { actingNow } from '#server/identity/acting.js';
import { actOnUser, findUser, targetOf, type UserWithRoles } from '#server/identity/user.js';
import { tellOwner } from './tell.js';
import { lastsLonger, orderFor, walkCredentials, type CredentialFilters } from './walk.js';

export interface ListedCredential extends CredentialView {
  owner: Pick<User, 'id' | 'kind' | 'username' | 'name' | 'status' | 'twoFactor'>;
  /** A token that lasts longer than the policy allows today. */
  overPolicy: boolean;
  /** False for a credential of somebody who may do more than the actor. */
  mayRevoke: boolean;
}

export interface CredentialPage {
  credentials: ListedCredential[];
  /** Where the next page begins; null at the end. There may be none here and some there. */
  next: string | null;
}

/**
 * The credentials of the tenant that work, a page at a time: the newest first, or with `expiring`, `unused` or
 * `overPolicy` the most pressing. As fast for a hundred thousand as for a hundred.
 */
export async function listCredentials(
  context: TenantContext,
  { limit = 50, cursor, ...filters }: CredentialFilters & { limit?: number; cursor?: string | undefined } = {},
): Promise<CredentialPage> {
  demandReading(context);
  const { tenant, now, services } = context;
  const list = `${tenant.id} credentials ${orderFor(filters)}`;
  const after = cursor === undefined ? null : openCursor(services.keys, list, cursor);
  if (cursor !== undefined && !after)
    throw Invalid.field(
      'cursor',
      'This cursor is not one that this list gave. Leave it out to begin at the first page.',
    );
  const months = await mostMonths(tenant.id);
  const { ids, next } = await walkCredentials(
    services.database,
    { dialect: services.database.dialect, tenantId: tenant.id, now, mostMonths: months },
    filters,
    limit,
    after,
  );
  const rows = await ApiCredential.findAll({ where: { tenantId: tenant.id, id: ids } });
  const credentials = await listed(context, rows, months);
  const place = new Map(ids.map((id, index) => [id, index]));
  credentials.sort((one, other) => (place.get(one.id) ?? 0) - (place.get(other.id) ?? 0));
  return { credentials, next: next && sealCursor(services.keys, list, next) };
}

/** The credentials of one user that work. Throws `NotFound` for another tenant's user. */
export async function listCredentialsOf(
  context: TenantContext,
  userId: string,
  page: { limit?: number; cursor?: string | undefined } = {},
): Promise<CredentialPage> {
  demandReading(context);
  await findUser(context, userId);
  return listCredentials(context, { ...page, user: userId });
}

/** One credential of the tenant, also when it works no more. */
export async function findCredential(context: TenantContext, id: string): Promise<ListedCredential> {
  demandReading(context);
  const row = await ApiCredential.findOne({ where: { tenantId: context.tenant.id, id } });
  const months = await mostMonths(context.tenant.id);
  const [found] = row ? await listed(context, [row], months) : [];
  if (!found) throw new NotFound();
  return found;
}

/** Revokes one credential, at once, and mails its owner. `Forbidden` for one of somebody who may do more than the actor. */
export async function revokeCredential(context: TenantContext, id: string): Promise<void> {
  const { revoked, refused } = await revokeCredentials(context, [id]);
  if (refused > 0)
    throw new Forbidden(
      'You cannot revoke this credential, because its owner may do more than you. Ask somebody who may do as much.',
    );
  if (revoked === 0) throw new NotFound();
}

/** Revokes those of these credentials that still work and whose owners are within the actor's reach. Gives how many, and how many were refused. */
export async function revokeCredentials(
  context: TenantContext,
  ids: readonly string[],
): Promise<{ revoked: number; refused: number }> {
  return actingNow(context, 'credentials:revoke', async (acting) => {
    const { tenant } = acting;
    const rows = await ApiCredential.findAll({
      where: { tenantId: tenant.id, id: [...new Set(ids)], revokedAt: null },
      order: [['id', 'ASC']],
    });
    const owners = await ownersOf(tenant.id, rows);
    const within = rows.filter(({ userId }) => mayRevoke(acting, owners.get(userId)));
    for (const row of within) await revoke(acting, row);
    for (const [userId, owner] of owners)
      await tellOwner(
        acting,
        owner,
        within.filter((row) => row.userId === userId),
      );
    return { revoked: within.length, refused: rows.length - within.length };
  });
}

/** What revoking these would do: how many there are, how many the actor may reach, and of how many people those are. */
export async function previewRevoking(
  context: TenantContext,
  ids: readonly string[],
): Promise<{ found: number; reached: number; owners: number }> {
  const { tenant } = context;
  const rows = await ApiCredential.findAll({ where: { tenantId: tenant.id, id: [...new Set(ids)], revokedAt: null } });
  const people = await ownersOf(tenant.id, rows);
  const reached = rows.filter(({ userId }) => mayRevoke(context, people.get(userId)));
  return { found: rows.length, reached: reached.length, owners: new Set(reached.map(({ userId }) => userId)).size };
}

/** How many of a user's credentials revoking all of them would end. */
export async function countCredentialsOf({ id, tenantId }: Pick<User, 'id' | 'tenantId'>): Promise<number> {
  return ApiCredential.count({ where: { tenantId, userId: id, revokedAt: null } });
}

/** Revokes all credentials of a user, and mails them. Gives how many there were. */
export async function revokeCredentialsOf(context: TenantContext, userId: string): Promise<number> {
  return actOnUser(context, userId, { permission: 'credentials:revoke', rule: mayActOn }, async (user, acting) => {
    const rows = await ApiCredential.findAll({ where: { tenantId: user.tenantId, userId, revokedAt: null } });
    const count = await revokeAll(acting, user);
    await tellOwner(acting, user, rows);
    return count;
  });
}

async function listed(
  context: TenantContext,
  rows: readonly ApiCredential[],
  months: number,
): Promise<ListedCredential[]> {
  const views = await viewsOf(rows, context.now);
  const owners = await ownersOf(context.tenant.id, rows);
  return rows.flatMap((row, index) => {
    const view = views[index];
    const owner = owners.get(row.userId);
    if (!view || !owner) return [];
    const { id, kind, username, name, status, twoFactor } = owner;
    return [
      {
        ...view,
        owner: { id, kind, username, name, status, twoFactor },
        overPolicy: lastsLonger(row, months),
        mayRevoke: mayRevoke(context, owner),
      },
    ];
  });
}

async function ownersOf(tenantId: string, rows: readonly ApiCredential[]): Promise<Map<string, UserWithRoles>> {
  const id = [...new Set(rows.map(({ userId }) => userId))];
  const users = (await User.findAll({ where: { tenantId, id }, include: 'roles' })) as UserWithRoles[];
  return new Map(users.map((user) => [user.id, user]));
}

function mayRevoke({ actor }: TenantContext, owner: UserWithRoles | undefined): boolean {
  return owner !== undefined && mayActOn(actor, 'credentials:revoke', targetOf(owner));
}

function demandReading({ actor }: TenantContext): void {
  if (!can(actor, 'credentials:read')) throw new Forbidden();
}

import { mostMonths } from '#models/security-policy.js';
import type { SshKey } from '#models/ssh-key.js';
import type { User } from '#models/user.js';
import type { ListedKind, ListedState } from '#policies/enumerations.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, Invalid, NotFound } from '#server/errors.js';
import { openCursor, sealCursor } from '#server/lib/cursor.js';
import { findUser } from '#server/identity/user.js';
import { isEnding, viewsOf, type CredentialView } from '../api-credentials/list.js';
import { lastsLonger, orderFor, type CredentialFilters } from './orders.js';
import { mayReach, ownersOf, rowsOf, type Rows } from './rows.js';
import { walkCredentials } from './walk.js';

type View = Omit<CredentialView, 'kind' | 'state'> & { kind: ListedKind; state: ListedState };

export interface ListedCredential extends View {
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
 * The credentials of the tenant that work, SSH keys among them, a page at a time: the newest first, or with a filter that
 * is about a time the most pressing. As fast for a hundred thousand as for a hundred.
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
  const about = { dialect: services.database.dialect, tenantId: tenant.id, now, mostMonths: months };
  const { ids, next } = await walkCredentials(services.database, about, filters, limit, after);
  const credentials = await listed(context, await rowsOf(context, ids), months);
  const place = new Map(ids.map((id, index) => [id, index]));
  credentials.sort((one, other) => (place.get(one.id) ?? 0) - (place.get(other.id) ?? 0));
  return { credentials, next: next && sealCursor(services.keys, list, next) };
}

/** The API credentials of one user that work. Throws `NotFound` for another tenant's user. */
export async function listCredentialsOf(
  context: TenantContext,
  userId: string,
  page: { limit?: number; cursor?: string | undefined } = {},
): Promise<CredentialPage> {
  demandReading(context);
  await findUser(context, userId);
  return listCredentials(context, { ...page, user: userId, api: 'yes' });
}

/** One credential of the tenant, also when it works no more. */
export async function findCredential(context: TenantContext, id: string): Promise<ListedCredential> {
  demandReading(context);
  const { tenant } = context;
  const [found] = await listed(context, await rowsOf(context, [id]), await mostMonths(tenant.id));
  if (!found) throw new NotFound();
  return found;
}

async function listed(context: TenantContext, rows: Rows, months: number): Promise<ListedCredential[]> {
  const { credentials, keys } = rows;
  const views = await viewsOf(context, credentials);
  const owners = await ownersOf(context, [...credentials, ...keys]);
  const withOwner = (view: View, { userId }: { userId: string }, overPolicy: boolean): ListedCredential[] => {
    const owner = owners.get(userId);
    if (!owner) return [];
    const { id, kind, username, name, status, twoFactor } = owner;
    return [
      {
        ...view,
        owner: { id, kind, username, name, status, twoFactor },
        overPolicy,
        mayRevoke: mayReach(context, owner),
      },
    ];
  };
  return [
    ...credentials.flatMap((row, index) => {
      const view = views[index];
      return view ? withOwner(view, row, lastsLonger(row, months)) : [];
    }),
    ...keys.flatMap((key) => withOwner(keyView(key, context.now), key, false)),
  ];
}

/** An SSH key as the list has it: what it does not have, it does not have. */
function keyView(key: SshKey, now: number): View {
  const { id, name, fingerprint, createdAt, expiresAt, lastUsedAt } = key;
  return {
    ...{ id, kind: 'ssh-key', name, firstCharacters: fingerprint, createdAt, expiresAt, lastUsedAt },
    ...{ role: null, roleHeld: true, scopes: null, allowedIps: [], lastUsedIp: null, ended: null },
    state: stateOf(key, now),
  };
}

function stateOf({ suspendedAt, expiresAt }: SshKey, now: number): ListedState {
  if (suspendedAt !== null) return 'suspended';
  if (expiresAt === null) return 'active';
  if (now >= expiresAt) return 'expired';
  return isEnding(expiresAt, now) ? 'expiring' : 'active';
}

/** As its page says it: what can do nothing is not told as active. */
export function stateInWords({ roleHeld, owner, state }: ListedCredential): string {
  if (!roleHeld) return 'role lost';
  return owner.status === 'disabled' ? 'owner disabled' : state;
}

function demandReading({ actor }: TenantContext): void {
  if (!can(actor, 'credentials:read')) throw new Forbidden();
}

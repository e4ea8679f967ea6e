import { literal, Op, Transaction, UniqueConstraintError } from 'sequelize';
import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { NAME_MAX, textProblem } from '#policies/names.js';
import { tidy } from '#policies/text.js';
import { maySuspend } from '#policies/tenant.js';
import type { Context, TenantContext } from '#server/context.js';
import { Conflict, Forbidden, Invalid, NotFound } from '#server/errors.js';
import { endAccess } from '#server/identity/walk-access.js';
import { actingNow } from '#server/identity/acting.js';
import { sendInvitation } from '#server/identity/invitation-link.js';
import { inContext } from '#server/identity/tenant.js';
import { refuseLoss, type Seen } from '#server/identity/changed-since.js';
import { makeTenant, SLUG_TAKEN } from '#server/identity/make-tenant.js';
import { addUser } from '#server/identity/add-user.js';
import { tell, tellPlatform } from './tell.js';

export interface NewTenant {
  name: string;
  slug: string;
  ownerName: string;
  ownerUsername: string;
  ownerEmail: string;
}

/** Makes an organisation and its first owner, who is mailed an invitation. All of it, or nothing. */
export async function createTenantWithOwner(
  context: Context,
  given: NewTenant,
): Promise<{ tenant: Tenant; owner: User }> {
  refuseName('name', given.name);
  refuseName('ownerName', given.ownerName);
  try {
    return await actingNow(context, 'tenants:write', async (acting) => {
      const tenant = await makeTenant(acting, { slug: given.slug, name: tidy(given.name) });
      const owner = await addOwner(acting, tenant, given);
      await sendInvitation(insideOf(acting, tenant), owner);
      await tellPlatform(acting, tenant, 'tenant.created', { slug: tenant.slug, name: tenant.name });
      return { tenant, owner };
    });
  } catch (error) {
    // Two of one short name at the same moment: the unique index lets one through.
    if (error instanceof UniqueConstraintError) throw Invalid.field('slug', SLUG_TAKEN);
    throw error;
  }
}

/** What is left out stays as it is. */
export interface TenantChanges {
  name?: string;
  status?: Tenant['status'];
  seen?: Seen | undefined;
}

/** Shuts an organisation: everybody is out with their next request, nobody gets in, no mailed link works. Nothing of it is lost. */
export async function suspendTenant(context: Context, tenantId: string): Promise<void> {
  await actingNow(context, 'tenants:write', async (acting) => moveTo(acting, await holdTenant(tenantId), 'suspended'));
}

/** Opens a suspended organisation again. Its people sign in anew. */
export async function resumeTenant(context: Context, tenantId: string): Promise<void> {
  await actingNow(context, 'tenants:write', async (acting) => moveTo(acting, await holdTenant(tenantId), 'active'));
}

/** Renames, suspends or resumes an organisation, all of it or nothing; what it is already changes nothing. Gives it as it is then. */
export async function changeTenant(
  context: Context,
  tenantId: string,
  { name, status, seen }: TenantChanges,
): Promise<Tenant> {
  if (name !== undefined) refuseName('name', name);
  return actingNow(context, 'tenants:write', async (acting) => {
    const tenant = await holdTenant(tenantId);
    refuseLoss(seen, tenant, { name });
    if (name !== undefined) await rename(acting, tenant, name);
    if (status !== undefined && tenant.status !== status) await moveTo(acting, tenant, status);
    return tenant.reload();
  });
}

async function rename(acting: Context, tenant: Tenant, typed: string): Promise<void> {
  const name = tidy(typed);
  if (tenant.name === name) return;
  const details = { name: { from: tenant.name, to: name } };
  await tenant.update({ name });
  await tell(acting, tenant, 'tenant.changed', details);
}

async function moveTo(acting: Context, tenant: Tenant, status: Tenant['status']): Promise<void> {
  const suspended = status === 'suspended';
  if (suspended && !maySuspend(acting.actor, { platform: tenant.isPlatform })) {
    throw new Forbidden('The platform cannot be suspended: nobody could resume it.');
  }
  const [changed] = await Tenant.update(
    { status, suspendedAt: suspended ? acting.now : null },
    { where: { id: tenant.id, status: suspended ? 'active' : 'suspended' } },
  );
  if (changed !== 1)
    throw new Conflict(suspended ? 'This organisation is suspended already.' : 'This organisation is not suspended.');
  if (tenant.suspendedAt !== null && !suspended) await giveDaysBack(tenant.id, acting.now - tenant.suspendedAt);
  // The status alone shuts every door; ended, no session comes back with the resumption either.
  const ended = suspended ? await endAccess(acting, { tenantId: tenant.id }, 'suspension') : [];
  const sessionsEnded = ended.find(({ kind }) => kind.name === 'sessions')?.count ?? 0;
  await tell(
    acting,
    tenant,
    suspended ? 'tenant.suspended' : 'tenant.resumed',
    sessionsEnded > 0 ? { sessionsEnded } : {},
  );
}

// Whoever is about to be deleted was promised so many days in which they could sign in and stay.
async function giveDaysBack(tenantId: string, shutMs: number): Promise<void> {
  await User.update(
    { removalAt: literal(`removal_at + ${Math.trunc(shutMs)}`), removalNoticed: false },
    { where: { tenantId, removalAt: { [Op.ne]: null } } },
  );
}

async function addOwner(
  context: Context,
  tenant: Tenant,
  { ownerName, ownerUsername, ownerEmail }: NewTenant,
): Promise<User> {
  const role = await Role.factory(tenant.id, 'owner');
  const owner = {
    tenantId: tenant.id,
    name: tidy(ownerName),
    username: ownerUsername,
    email: ownerEmail,
    passwordHash: null,
    roleIds: [role.id],
  };
  try {
    return await addUser(context, owner);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const fields: Record<string, string> = { username: 'ownerUsername', email: 'ownerEmail' };
    throw new Invalid(error.errors.map(({ field, message }) => ({ field: fields[field] ?? field, message })));
  }
}

/** Held, so that whoever writes in it at this moment ends first, and everybody later sees what became of it. Throws `NotFound`. */
export async function holdTenant(tenantId: string): Promise<Tenant> {
  const tenant = await Tenant.findByPk(tenantId, { lock: Transaction.LOCK.NO_KEY_UPDATE });
  if (!tenant) throw new NotFound();
  return tenant;
}

/** The same context, within this organisation. */
export function insideOf(context: Context, tenant: Tenant): TenantContext {
  if (!context.actor) throw new Forbidden();
  return { ...context, actor: context.actor, tenant: inContext(tenant) };
}

function refuseName(field: string, typed: string): void {
  const problem =
    tidy(typed) === ''
      ? 'Enter a name.'
      : typed.length > NAME_MAX
        ? `Use at most ${NAME_MAX} characters.`
        : textProblem(typed);
  if (problem !== null) throw Invalid.field(field, problem);
}

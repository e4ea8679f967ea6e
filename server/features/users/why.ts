import { isPlatformPermission, isWrite, PERMISSIONS, type Permission } from '#policies/permissions.js';
import type { TenantContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { standingOfUser, type GivenRole, type StandingOfUser } from '#server/identity/standing-of.js';
import { readUser } from './follow.js';

/** What takes everything from an account for now, whatever its roles grant. */
export type Hindrance =
  'disabled' | 'invited' | 'leaving' | 'must-change-password' | 'must-set-up-two-factor' | 'must-add-passkey';

/** Why somebody has a permission, or has it not. */
export interface Why {
  permission: Permission;
  /** They have it now: by a role, and nothing takes it away. */
  can: boolean;
  /** The roles that grant it. */
  by: GivenRole[];
  /** The read-only roles that strip it. */
  strippedBy: { id: string; name: string }[];
}

export interface Explanation {
  user: { id: string; name: string };
  hindrances: Hindrance[];
  permissions: Why[];
}

/** Why a user may do this, or all that there is to be done, and what takes it away. */
export async function explainRights(context: TenantContext, userId: string, asked?: Permission): Promise<Explanation> {
  const { id, name } = await readUser(context, userId);
  const standing = await standingOfUser(context, id);
  if (!standing) throw new NotFound();
  const given = await withTheLog(context, id, standing.given);
  const hindrances = hindrancesOf(standing);
  const names = PERMISSIONS.map((one) => one.name).filter(
    (one) => context.tenant.platform || !isPlatformPermission(one),
  );
  return {
    user: { id, name },
    hindrances,
    permissions: (asked === undefined ? names : [asked]).map((permission) => ({
      permission,
      can: hindrances.length === 0 && standing.actor.permissions.has(permission),
      by: given.filter(({ grants }) => grants.includes(permission)),
      strippedBy: isWrite(permission)
        ? given.filter(({ readOnly }) => readOnly).map((role) => ({ id: role.id, name: role.name }))
        : [],
    })),
  };
}

function hindrancesOf({ status, duty }: StandingOfUser): Hindrance[] {
  const found: Hindrance[] = status === 'active' ? [] : [status];
  if (duty === 'removal') found.push('leaving');
  if (duty === 'password') found.push('must-change-password');
  if (duty === 'two-factor') found.push('must-set-up-two-factor');
  if (duty === 'passkey') found.push('must-add-passkey');
  return found;
}

const GIVINGS = `
SELECT e.at, e.event, e.details, u.id AS giver_id, u.name AS giver_name FROM security_events e
LEFT JOIN users u ON u.tenant_id = e.tenant_id AND u.id = e.actor_id
WHERE e.tenant_id = $1 AND e.target_id = $2 AND e.event IN ('user.roles-changed', 'user.created')
ORDER BY e.at DESC, e.seq DESC LIMIT 200`;

// What was given before the time was kept beside it stands in the log, by the name that the role had then.
async function withTheLog(context: TenantContext, userId: string, given: GivenRole[]): Promise<GivenRole[]> {
  if (given.every(({ givenAt }) => givenAt !== null)) return given;
  const rows = await context.services.database.read(GIVINGS, [context.tenant.id, userId]);
  return given.map((role) => {
    if (role.givenAt !== null) return role;
    const row = rows.find((one) => one['event'] === 'user.created' || gave(String(one['details']), role.name));
    if (!row) return role;
    const { giver_id: id, giver_name: name } = row;
    return {
      ...role,
      givenAt: Number(row['at']),
      givenBy: typeof id === 'string' ? { id, name: String(name) } : null,
    };
  });
}

function gave(details: string, role: string): boolean {
  const { roles } = JSON.parse(details) as { roles?: { from?: string[]; to?: string[] } };
  return roles?.to?.includes(role) === true && roles.from?.includes(role) !== true;
}

import { Op } from 'sequelize';
import { ApiCredential } from '#models/api-credential.js';
import type { Role } from '#models/role.js';
import { can } from '#policies/can.js';
import { isWrite, type Permission } from '#policies/permissions.js';
import { standingOf } from '#policies/role.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import type { Details } from '#server/trace/record.js';
import {
  differences,
  newValues,
  valuesAfter,
  valuesOf,
  type AllowedValues,
  type RoleChanges,
  type RoleValues,
} from './change.js';
import { combinationsWith, HELD, holds, type Combination } from './holders.js';
import { findRole, namedOf, type NamedPerson } from './list.js';
import { whoMustAddPasskey, whoMustSetUp, type NewlyDemanded } from './demanded.js';

/** How many people of a kind are named. */
export const MOST_NAMED = 20;

/** People for whom a change of the role has the same outcome. */
export interface Affected {
  gains: Permission[];
  loses: Permission[];
  people: number;
  /** The first of them by name. */
  first: NamedPerson[];
}

export interface RolePreview {
  role: Role | null;
  after: AllowedValues;
  differences: Details;
  affected: Affected[];
  /** Holders who may do afterwards what they may do now. */
  unaffected: number;
  demanded: NewlyDemanded | null;
  /** Who must add a passkey, where the role begins to demand one. */
  passkeys: NewlyDemanded | null;
  /** Live API tokens that are bound to the role, and can do more or less afterwards. */
  tokens: number;
  /** Who asks holds the role. */
  youToo: boolean;
}

/** What a new role would be, and what it would let whoever is given it do. Changes nothing. */
export async function previewNewRole(context: TenantContext, given: RoleValues): Promise<RolePreview> {
  if (!can(context.actor, 'roles:write')) throw new Forbidden();
  const after = await newValues(context, given);
  const rest = { affected: [], unaffected: 0, demanded: null, passkeys: null, tokens: 0, youToo: false };
  return { role: null, after, differences: differences({}, after), ...rest };
}

/** What a change of a role would do to each who holds it. Changes nothing. Throws what the change itself would. */
export async function previewRole(context: TenantContext, id: string, given: RoleChanges): Promise<RolePreview> {
  if (!can(context.actor, 'roles:write')) throw new Forbidden();
  const { read } = context.services.database;
  const role = await findRole(context, id);
  const before = valuesOf(role);
  const after = await valuesAfter(context, role, given, read);
  const combinations = await combinationsWith(context, id, read);
  const affected = await affectedOf(context, role, after, combinations);
  const holders = combinations.reduce((sum, { people }) => sum + people, 0);
  const passkeyBegins = after.requiresPhishingResistant && !before.requiresPhishingResistant;
  const demandBegins = after.requiresTwoFactor && !before.requiresTwoFactor;
  return {
    role,
    after,
    differences: differences(before, after),
    affected,
    unaffected: holders - affected.reduce((sum, { people }) => sum + people, 0),
    demanded: demandBegins ? await whoMustSetUp(context, id, MOST_NAMED) : null,
    passkeys: passkeyBegins ? await whoMustAddPasskey(context, id, MOST_NAMED) : null,
    tokens: rightsOf(before) === rightsOf(after) ? 0 : await liveTokens(context, id),
    youToo: await holds(context, id, read),
  };
}

async function affectedOf(
  context: TenantContext,
  role: Role,
  after: AllowedValues,
  combinations: readonly Combination[],
): Promise<Affected[]> {
  const { id, key, grants, readOnly } = role;
  const groups = new Map<string, Affected>();
  for (const { ids, people, others } of combinations) {
    const was = standingOf([...others, { id, key, grants, readOnly }]).permissions;
    const is = standingOf([...others, { id, key, grants: after.permissions, readOnly: after.readOnly }]).permissions;
    const [gains, loses] = [only(is, was), only(was, is)];
    if (gains.length + loses.length === 0) continue;
    const outcome = [gains, loses].map((list) => list.join()).join('/');
    const group = groups.get(outcome) ?? { gains, loses, people: 0, first: [] };
    group.people += people;
    if (group.first.length < MOST_NAMED) group.first.push(...(await namesOf(context, id, ids)));
    group.first = group.first.slice(0, MOST_NAMED);
    groups.set(outcome, group);
  }
  return [...groups.values()].sort((one, other) => other.people - one.people);
}

const NAMES = `
SELECT u.id, u.name, u.username FROM (${HELD}) AS held JOIN users u ON u.tenant_id = $1 AND u.id = held.user_id
WHERE held.ids = $3 ORDER BY u.name_key, u.id LIMIT $4`;

// By whom a role is held is told to who may see users.
async function namesOf(
  { actor, tenant, services }: TenantContext,
  roleId: string,
  ids: string,
): Promise<NamedPerson[]> {
  if (!can(actor, 'users:read')) return [];
  const rows = await services.database.read(NAMES, [tenant.id, roleId, ids, MOST_NAMED]);
  return rows.map(namedOf);
}

function only(these: ReadonlySet<Permission>, those: ReadonlySet<Permission>): Permission[] {
  return [...these].filter((permission) => !those.has(permission)).sort();
}

function rightsOf({ permissions, readOnly }: AllowedValues): string {
  return permissions
    .filter((permission) => !readOnly || !isWrite(permission))
    .sort()
    .join();
}

function liveTokens({ tenant, now }: TenantContext, roleId: string): Promise<number> {
  return ApiCredential.count({
    where: { tenantId: tenant.id, roleId, revokedAt: null, expiresAt: { [Op.gt]: now } },
  });
}

import { Op } from 'sequelize';
import type { Row } from '#models/database.js';
import { StandingMove } from '#models/standing-move.js';
import { Tenant } from '#models/tenant.js';
import { readInTransaction } from '#models/transaction.js';
import { STEADY_MS } from '#policies/approval.js';
import type { StandingMoveKind } from '#policies/enumerations.js';
import { concernsOthers, type Permission } from '#policies/permissions.js';
import { standingOf } from '#policies/role.js';
import { grantsOf, isTopRole, type FactoryRoleKey } from '#policies/roles.js';
import type { Context } from '#server/context.js';
import { truth } from './demanded-factor.js';

/** What somebody may do to others, and who reads their mail. */
interface Held {
  permissions: ReadonlySet<Permission>;
  top: boolean;
  disabled: boolean;
  email: string;
}

/** Everybody of an organisation who may change things of others, and whether it wants two for a reset. */
export interface Standings {
  people: ReadonlyMap<string, Held>;
  twoPersonReset: boolean;
}

const ROLES = `SELECT p.two_person_reset, r.id, r.key, r.permissions
FROM security_policies p JOIN roles r ON r.tenant_id = p.tenant_id WHERE p.tenant_id = $1`;
const heldBy = (roles: string): string => `
SELECT u.id AS user_id, u.status, u.email_key, r.id, r.key, r.permissions, r.read_only
FROM user_roles ur JOIN users u ON u.tenant_id = ur.tenant_id AND u.id = ur.user_id
JOIN roles r ON r.tenant_id = ur.tenant_id AND r.id = ur.role_id
WHERE ur.tenant_id = $1 AND ur.user_id IN (SELECT g.user_id FROM user_roles g WHERE g.tenant_id = $1 AND g.role_id IN (${roles}))`;

// What one may do is what their own roles say: of one alone, nobody else's are read.
const OF_ONE = `SELECT p.two_person_reset, u.id AS user_id, u.status, u.email_key, r.id, r.key, r.permissions, r.read_only
FROM security_policies p LEFT JOIN users u ON u.tenant_id = $1 AND u.id = $2
LEFT JOIN user_roles h ON h.tenant_id = $1 AND h.user_id = $2 AND u.id IS NOT NULL
LEFT JOIN roles r ON r.tenant_id = h.tenant_id AND r.id = h.role_id WHERE p.tenant_id = $1`;

/** How things stand, inside a write that may move them; of one user alone, where it can move nobody else. */
export async function standingsNow(tenantId: string, only?: string): Promise<Standings> {
  const read = readInTransaction;
  if (only !== undefined) {
    const rows = await read(OF_ONE, [tenantId, only]);
    return {
      people: among(rows.filter((row) => row['id'] !== null)),
      twoPersonReset: truth(rows[0]?.['two_person_reset']),
    };
  }
  const roles = await read(ROLES, [tenantId]);
  const granting = roles.filter((role) => grants(role).some(concernsOthers));
  const ids = granting.map(({ id }) => String(id));
  const places = ids.map((_, place) => `$${place + 2}`).join();
  const rows = ids.length === 0 ? [] : await read(heldBy(places), [tenantId, ...ids]);
  return { people: among(rows), twoPersonReset: truth(roles[0]?.['two_person_reset']) };
}

/** Those of these rows, one for each role that somebody holds, who may change things of others. */
function among(rows: readonly Row[]): Map<string, Held> {
  const people = new Map<string, Held>();
  for (const [userId, held] of byUser(rows)) {
    const standing = heldIn(held);
    if ([...standing.permissions].some(concernsOthers)) people.set(userId, standing);
  }
  return people;
}

/**
 * Notes what this write has moved, against how things stood before it: one administrator alone could make themselves an
 * approver of their own request, or take away what makes one needed. The command line is above that.
 */
export async function noteMoves(
  { actor, tenant, now }: Context,
  before: Standings,
  only: string | undefined,
): Promise<void> {
  if (!tenant || actor === null || actor.kind === 'command-line') return;
  const after = await standingsNow(tenant.id, only);
  const moves: { userId: string | null; kind: StandingMoveKind }[] = [];
  if (before.twoPersonReset && !after.twoPersonReset) moves.push({ userId: null, kind: 'lifted' });
  for (const userId of new Set([...before.people.keys(), ...after.people.keys()])) {
    const [had, has] = [before.people.get(userId), after.people.get(userId)];
    if (had && lost(had, has)) moves.push({ userId, kind: 'lowered' });
    if (has && (lost(has, had) || (had?.email !== has.email && userId !== actor.id)))
      moves.push({ userId, kind: 'raised' });
  }
  await StandingMove.bulkCreate(moves.map((move) => ({ ...move, tenantId: tenant.id, at: now })));
}

/** Who was raised and who was lowered of late, and whether the demand for two was lifted. */
export interface Lately {
  raised: ReadonlySet<string>;
  lowered: ReadonlySet<string>;
  lifted: boolean;
}

/** What still counts of that: nothing in an organisation that is itself younger, where everybody is new. */
export async function movesOf(tenantId: string, now: number): Promise<Lately> {
  const since = now - STEADY_MS;
  const old = (await Tenant.count({ where: { id: tenantId, createdAt: { [Op.lte]: since } } })) > 0;
  const moves = old ? await StandingMove.findAll({ where: { tenantId, at: { [Op.gt]: since } } }) : [];
  const people = (kind: StandingMoveKind) =>
    new Set(moves.flatMap((move) => (move.kind === kind && move.userId !== null ? [move.userId] : [])));
  return { raised: people('raised'), lowered: people('lowered'), lifted: moves.some(({ kind }) => kind === 'lifted') };
}

// Whether of what one had, the other lacks something.
function lost(had: Held, has: Held | undefined): boolean {
  if (!has || (had.top && !has.top) || (!had.disabled && has.disabled)) return true;
  return [...had.permissions].some((one) => concernsOthers(one) && !has.permissions.has(one));
}

function heldIn(rows: readonly Row[]): Held {
  const roles = rows.map((row) => ({
    id: String(row['id']),
    key: row['key'] as FactoryRoleKey | null,
    grants: grants(row),
    readOnly: truth(row['read_only']),
  }));
  const { permissions } = standingOf(roles);
  const [row = {}] = rows;
  return {
    permissions,
    top: roles.some(({ key }) => isTopRole(key)),
    disabled: row['status'] === 'disabled',
    email: String(row['email_key']),
  };
}

function grants(row: Row): readonly Permission[] {
  return grantsOf({ key: row['key'] as FactoryRoleKey | null, permissions: String(row['permissions']) });
}

function byUser(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const id = String(row['user_id']);
    found.set(id, [...(found.get(id) ?? []), row]);
  }
  return found;
}

import { Role } from '#models/role.js';
import type { UserJob } from '#models/user-job.js';
import type { NewRow } from '#models/user-job-row.js';
import { can } from '#policies/can.js';
import { mayGrant } from '#policies/role.js';
import { isTopRole } from '#policies/roles.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, Invalid } from '#server/errors.js';
import { filtersIn, type UserFilters } from '../users/filters.js';
import { DEEDS, exceptionOf, type Person } from './deeds.js';
import { KINDS, type BulkAction } from '#policies/bulk-actions.js';
import { beginJob } from './begin.js';
import { keepPreview, leaveAnOwner } from './keep.js';
import { peopleOf, type Selection } from './people.js';

/** What is asked for many: a preview of something, or to begin one that there is. */
interface BulkRequest extends UserFilters {
  /** The id of a preview: begins what it shows, whatever else is sent. */
  confirmed?: string | undefined;
  action?: BulkAction | undefined;
  ids?: readonly string[] | undefined;
  /** All that the filters find, in place of `ids`. */
  all: boolean;
  /** The role to give or to take; for any other action, without `heldRoleId`, that of the filter. */
  roleId?: string | undefined;
  /** The role of the filter; '' for none. */
  heldRoleId?: string | undefined;
  reason: string;
}

/** Shows what would be done to whom; with the id of that preview, begins it. */
export async function previewOrBegin(context: TenantContext, asked: BulkRequest): Promise<UserJob> {
  const { confirmed, action, reason, roleId = '' } = asked;
  if (confirmed !== undefined) return beginJob(context, confirmed, reason);
  if (action === undefined) throw Invalid.field('action', 'Choose what to do.');
  const givesOrTakes = action === 'give-role' || action === 'take-role';
  const selection = selectionOf(asked, givesOrTakes ? undefined : asked.roleId);
  return previewBulk(context, { action, reason, selection, roleId });
}

function selectionOf({ ids = [], all, heldRoleId, ...asked }: BulkRequest, role?: string): Selection {
  if (!all) return { ids };
  const roleId = heldRoleId === undefined ? role : heldRoleId || undefined;
  return { filters: filtersIn({ ...asked, roleId }) };
}

/** What is to be done to many, before it is known to whom. */
interface Wish {
  action: BulkAction;
  selection: Selection;
  /** The role to give or to take. */
  roleId: string;
  reason: string;
}

/**
 * Works out to whom something would be done, and who is left out and why, and keeps that: these are the people it will be
 * done to, and nobody who comes to fit later. Nothing is done yet.
 */
async function previewBulk(context: TenantContext, wish: Wish): Promise<UserJob> {
  const { action, selection, reason } = wish;
  // How many a filter finds says something about each of them.
  if ('filters' in selection && !can(context.actor, 'users:read')) throw new Forbidden();
  const role = await roleOf(context, wish);
  const people = await peopleOf(context, selection);
  const rows = people.map((person, index) => rowOf(person, index + 1, exceptionOf(action, person, context, role)));
  if (DEEDS[action].lowers && lowersOwners(action, role))
    await leaveAnOwner(
      context,
      rows.map((row) => ({ id: row.userId ?? '', row })),
      'left-out',
    );
  if ('ids' in selection) rows.push(...missing(selection.ids, people));
  if (rows.length === 0)
    throw Invalid.field('ids', 'Nobody is chosen. Tick somebody in the list, or take all that it finds.');
  return keepPreview(context, KINDS[action].permission, { action, roleId: role?.id ?? null, reason, note: null }, rows);
}

async function roleOf({ tenant, actor }: TenantContext, { action, roleId }: Wish): Promise<Role | null> {
  if (action !== 'give-role' && action !== 'take-role') return null;
  const role = roleId === '' ? null : await Role.findOne({ where: { tenantId: tenant.id, id: roleId } });
  if (roleId === '') throw Invalid.field('roleId', 'Choose the role.');
  if (!role) throw Invalid.field('roleId', 'This role is no longer there. Choose another.');
  if (action === 'give-role' && !mayGrant(actor, role))
    throw new Forbidden('You cannot give a role that may do more than yours. Ask somebody who holds it.');
  return role;
}

function lowersOwners(action: BulkAction, role: Role | null): boolean {
  if (action === 'give-role') return role?.readOnly ?? false;
  return action !== 'take-role' || isTopRole(role?.key ?? null);
}

function rowOf({ id }: Person, place: number, exception: ReturnType<typeof exceptionOf>): NewRow {
  const row = { place, userId: id, input: null };
  if (exception === null) return { ...row, state: 'waiting', note: null };
  return 'unchanged' in exception
    ? { ...row, state: 'unchanged', note: exception.unchanged }
    : { ...row, state: 'left-out', note: exception.leftOut };
}

function missing(ids: readonly string[], people: readonly Person[]): NewRow[] {
  const found = new Set(people.map(({ id }) => id));
  return [...new Set(ids)]
    .filter((id) => !found.has(id))
    .map((_id, index) => ({
      ...{ place: people.length + index + 1, userId: null, input: null },
      ...{ state: 'left-out', note: 'There is no such account any more.' },
    }));
}

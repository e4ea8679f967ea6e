import type { Request, Response } from 'express';
import type { Role } from '#models/role.js';
import type { z } from 'zod';
import { can } from '#policies/can.js';
import { isPlatformPermission, permissionMatrix, PERMISSIONS } from '#policies/permissions.js';
import { mayDemandTwoFactorOf, mayEditRole } from '#policies/role.js';
import { changesIn } from '#server/input/read.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { searchOf } from '#server/http/search.js';
import { changeRole, createRole } from './actions.js';
import { valuesOf, type RoleChanges } from './change.js';
import { changeForm, factoryRoleForm, roleForm } from './input.js';
import { findRole, holdersOf, listRoles } from './list.js';

const PATH = '/admin/roles';
const MOST_LISTED = 50;

export async function list(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  // An organisation has a few dozen at most, which are all read for their holders anyway.
  const { finds, filters } = searchOf(req, { action: PATH, label: 'Roles', search: 'Name or description' });
  const listed = (await listRoles(context)).filter(({ role }) => finds(role.name, role.description));
  const roles = listed.map(({ role, holders }) => ({
    id: role.id,
    name: role.name,
    description: role.description,
    factory: role.key !== null,
    readOnly: role.readOnly,
    requiresTwoFactor: role.requiresTwoFactor,
    requiresPhishingResistant: role.requiresPhishingResistant,
    tokensNeedApproval: role.tokensNeedApproval,
    grants: role.grants,
    holders,
  }));
  const matrix = PERMISSIONS.filter(({ name }) => !isPlatformPermission(name));
  show(res, 'roles/index', {
    title: 'Roles',
    roles,
    matrix,
    mayCreate: can(context.actor, 'roles:write'),
    filters,
  });
}

export function showNew(req: Request, res: Response, problem?: Problem): void {
  showForm(req, res, 'New role', null, null, problem);
}

export async function create(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: roleForm,
    act: (values) => createRole(context, values),
    again: (problem) => showNew(req, res, problem),
    done({ name }) {
      setFlash(context.services, res, `The role “${name}” has been created. Give it to users on their pages.`);
      res.redirect(303, '/admin/roles');
    },
  });
}

export async function showRole(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const role = await findRole(context, pathId(req));
  showForm(req, res, role.name, role, await membersOf(req, role), problem);
}

// By whom a role is held is told to who may see users.
async function membersOf(req: Request, role: Role) {
  const context = signedIn(req);
  if (!can(context.actor, 'users:read')) return null;
  return holdersOf(context, role.id, MOST_LISTED);
}

export async function change(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const role = await findRole(context, pathId(req));
  await answerForm(req, res, {
    form: formOf(role),
    act: (values) => changeRole(context, role.id, changesOf(role, values)),
    again: (problem) => showRole(req, res, problem),
    done(changed) {
      setFlash(
        context.services,
        res,
        `The role “${changed.name}” has been changed. Its holders have the new rights from now on.`,
      );
      res.redirect(303, `/admin/roles/${role.id}`);
    },
  });
}

/** What the page of this role lets one send. */
export function formOf({ key }: Role) {
  return key === null ? changeForm : factoryRoleForm;
}

/** What was changed of it there. */
export function changesOf(role: Role, values: z.infer<ReturnType<typeof formOf>>): RoleChanges {
  const { changes, was, seen } = changesIn(formOf(role), values);
  return { ...changes, seen, permissionsShown: was?.['permissions'] as string[] | undefined };
}

function showForm(
  req: Request,
  res: Response,
  title: string,
  role: Role | null,
  members: Awaited<ReturnType<typeof membersOf>>,
  problem?: Problem,
): void {
  const { actor } = signedIn(req);
  show(res, 'roles/form', {
    title,
    roleId: role?.id ?? null,
    factory: role !== null && role.key !== null,
    mayEdit: role === null ? can(actor, 'roles:write') : mayEditRole(actor, role),
    mayDemand: role === null ? can(actor, 'roles:write') : mayDemandTwoFactorOf(actor, role),
    members,
    role: {
      name: role?.name ?? '',
      description: role?.description ?? '',
      readOnly: role?.readOnly ?? false,
      requiresTwoFactor: role?.requiresTwoFactor ?? false,
      requiresPhishingResistant: role?.requiresPhishingResistant ?? false,
      tokensNeedApproval: role?.tokensNeedApproval ?? false,
      grants: [...(role?.grants ?? [])],
    },
    shown: role && valuesOf(role),
    rows: permissionMatrix().map(({ noun, permissions }) => ({
      noun,
      permissions: permissions.map((one) => ({ ...one, disabled: !can(actor, one.name) })),
    })),
    ...problem,
  });
}

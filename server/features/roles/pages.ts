import type { Request, Response } from 'express';
import { Op } from 'sequelize';
import { ApiCredential } from '#models/api-credential.js';
import type { Role } from '#models/role.js';
import { can } from '#policies/can.js';
import { isPlatformPermission, PERMISSIONS } from '#policies/permissions.js';
import { mayDemandTwoFactorOf, mayEditRole } from '#policies/role.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { nothing } from '#server/input/kind.js';
import { askFirst, howMany } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { changeRole, createRole, removeRole } from './actions.js';
import { findRole, listRoles } from './list.js';
import { factoryRoleForm, roleForm } from './input.js';

const MATRIX = PERMISSIONS.filter(({ name }) => !isPlatformPermission(name));

export async function list(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const roles = (await listRoles(context)).map(({ role, holders }) => ({
    id: role.id,
    name: role.name,
    description: role.description,
    factory: role.key !== null,
    readOnly: role.readOnly,
    requiresTwoFactor: role.requiresTwoFactor,
    grants: role.grants,
    holders,
  }));
  show(res, 'roles/index', { title: 'Roles', roles, matrix: MATRIX, mayCreate: can(context.actor, 'roles:write') });
}

export function showNew(req: Request, res: Response, problem?: Problem): void {
  showForm(req, res, 'New role', null, problem);
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
  const role = await findRole(signedIn(req), pathId(req));
  showForm(req, res, role.name, role, problem);
}

export async function change(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const role = await findRole(context, pathId(req));
  const { name, description } = role;
  await answerForm(req, res, {
    form:
      role.key === null
        ? roleForm
        : factoryRoleForm.transform((values) => ({
            name,
            description,
            permissions: [...role.grants],
            readOnly: role.readOnly,
            ...values,
          })),
    act: (values) => changeRole(context, role.id, values),
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

export async function askRemove(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const role = await findRole(context, pathId(req));
  const back = `/admin/roles/${role.id}`;
  if (!mayEditRole(context.actor, role)) {
    res.redirect(303, back);
    return;
  }
  const holders = (await listRoles(context)).find((one) => one.role.id === role.id)?.holders ?? 0;
  const where = { tenantId: context.tenant.id, roleId: role.id, revokedAt: null };
  const tokens = await ApiCredential.count({ where: { ...where, expiresAt: { [Op.gt]: context.now } } });
  askFirst(req, res, {
    heading: `Remove ${role.name}?`,
    text: [
      holders === 0
        ? 'Nobody has this role.'
        : `It is held by ${howMany(holders, 'account')}: take it from them first.`,
      `It goes for good. ${tokens === 0 ? 'No API token is' : tokens === 1 ? 'One API token is' : `${tokens} API tokens are`} bound to it${tokens === 0 ? '' : ', and can do nothing then'}.`,
    ],
    label: 'Remove the role',
    back,
  });
}

export async function remove(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: nothing,
    act: () => removeRole(context, id),
    again: (problem) => showRole(req, res, problem),
    done() {
      setFlash(context.services, res, 'The role has been removed.');
      res.redirect(303, '/admin/roles');
    },
  });
}

function showForm(req: Request, res: Response, title: string, role: Role | null, problem?: Problem): void {
  const { actor } = signedIn(req);
  const grants: readonly string[] = role?.grants ?? [];
  show(res, 'roles/form', {
    title,
    roleId: role?.id ?? null,
    factory: role !== null && role.key !== null,
    mayEdit: role === null ? can(actor, 'roles:write') : mayEditRole(actor, role),
    mayDemand: role === null ? can(actor, 'roles:write') : mayDemandTwoFactorOf(actor, role),
    role: {
      name: role?.name ?? '',
      description: role?.description ?? '',
      readOnly: role?.readOnly ?? false,
      requiresTwoFactor: role?.requiresTwoFactor ?? false,
    },
    matrix: MATRIX.map((permission) => ({
      ...permission,
      chosen: grants.includes(permission.name),
      allowed: can(actor, permission.name),
    })),
    ...problem,
  });
}

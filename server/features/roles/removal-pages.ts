import type { Request, Response } from 'express';
import { Op } from 'sequelize';
import { ApiCredential } from '#models/api-credential.js';
import { Tenant } from '#models/tenant.js';
import { mayEditRole, mayGrant } from '#policies/role.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { askFirst, howMany } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { removalForm } from './input.js';
import { findRole, listRoles } from './list.js';
import { removeRole } from './remove.js';

export async function askRemove(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const role = await findRole(context, pathId(req));
  const back = `/admin/roles/${role.id}`;
  if (!mayEditRole(context.actor, role)) {
    res.redirect(303, back);
    return;
  }
  const roles = await listRoles(context);
  const holders = roles.find((one) => one.role.id === role.id)?.holders ?? 0;
  const where = { tenantId: context.tenant.id, roleId: role.id, revokedAt: null };
  const tokens = await ApiCredential.count({ where: { ...where, expiresAt: { [Op.gt]: context.now } } });
  const { defaultRoleId } = await Tenant.findByPk(context.tenant.id, { rejectOnEmpty: true });
  const question = {
    heading: `Remove ${role.name}?`,
    text: [
      holders === 0
        ? 'Nobody has this role.'
        : `It is held by ${howMany(holders, 'account')}. Each gets the role that you choose in its place, and signs in again.`,
      `It goes for good. ${tokens === 0 ? 'No API token is' : tokens === 1 ? 'One API token is' : `${tokens} API tokens are`} bound to it${tokens === 0 ? '' : ', and can do nothing then'}.`,
      ...(defaultRoleId === role.id ? ['Whoever is new gets it today, and “User” then.'] : []),
    ],
    label: 'Remove the role',
    back,
  };
  const options = roles
    .filter((one) => one.role.id !== role.id && mayGrant(context.actor, one.role))
    .map((one) => ({ value: one.role.id, label: one.role.name }));
  const choice = { name: 'replacementRoleId', label: 'Role in its place', empty: 'Choose a role', options };
  askFirst(req, res, holders === 0 ? question : { ...question, choice }, problem);
}

export async function remove(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: removalForm,
    act: ({ replacementRoleId }) => removeRole(context, id, { replacementRoleId: replacementRoleId || undefined }),
    again: (problem) => askRemove(req, res, problem),
    done() {
      setFlash(context.services, res, 'The role has been removed.');
      res.redirect(303, '/admin/roles');
    },
  });
}

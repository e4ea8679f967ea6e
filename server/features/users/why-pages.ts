import type { Request, Response } from 'express';
import { can } from '#policies/can.js';
import { PERMISSIONS } from '#policies/permissions.js';
import { pathId } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { leftOut, readQuery } from '#server/input/read.js';
import { whyQuery } from './input.js';
import { explainRights, type Hindrance } from './why.js';

const HINDRANCES: Readonly<Record<Hindrance, string>> = {
  disabled: 'The account is disabled.',
  invited: 'The invitation has not been accepted yet.',
  leaving: 'Its owner has asked for it to be deleted, and can do nothing but take that back.',
  'must-change-password': 'A new password must be chosen before anything else.',
  'must-add-passkey': 'A passkey must be added before anything else: a role demands it.',
  'must-set-up-two-factor': 'Two-factor authentication must be set up before anything else.',
};

/** Why somebody may do something, or may not. */
export async function showWhy(req: Request, res: Response): Promise<void> {
  const { permission } = readQuery(whyQuery, req.query);
  const context = signedIn(req);
  const { user, hindrances, permissions } = await explainRights(context, pathId(req), permission);
  // Who looks after people need not see roles.
  const looks = can(context.actor, 'roles:read');
  const pageOf = ({ id }: { id: string }): string | null => (looks ? `/admin/roles/${id}` : null);
  const described = new Map(PERMISSIONS.map((one) => [one.name, one]));
  show(res, 'users/why', {
    title: `What ${user.name} may do`,
    account: user,
    asked: permission ?? '',
    unknown: leftOut(whyQuery, req.query).length > 0,
    options: PERMISSIONS.filter(({ name }) => context.tenant.platform || !name.startsWith('tenants:')).map(
      ({ name, group, label }) => ({ value: name, label: `${group}: ${label}` }),
    ),
    hindrances: hindrances.map((one) => HINDRANCES[one]),
    rows: permissions.map(({ permission: name, ...why }) => ({
      label: described.get(name)?.label ?? name,
      name,
      can: why.can,
      by: why.by.map((role) => ({ name: role.name, href: pageOf(role), at: role.givenAt, giver: role.givenBy })),
      strippedBy: why.strippedBy.map((role) => ({ name: role.name, href: pageOf(role) })),
    })),
  });
}

import type { Response } from 'express';
import type { Role } from '#models/role.js';
import { mostMonths } from '#models/security-policy.js';
import { addMonths } from '#policies/months.js';
import { concernsOthers, permissionMatrix, PERMISSIONS, type Permission } from '#policies/permissions.js';
import type { SignedInContext } from '#server/context.js';
import type { Problem } from '#server/http/form.js';
import { howMany } from '#server/http/question.js';
import { show } from '#server/http/page.js';

/** For whom a token is made: with which of the owner's roles, and where the form goes. */
export interface TokenFormPage {
  title: string;
  roles: readonly Role[];
  to: string;
  cameFrom: { label: string; href: string };
  /** Where the form can be reviewed before it is sent. */
  review?: boolean;
  /** What a link said that was not taken. */
  passedOver?: readonly string[];
}

/** The form of a new token: validities with their dates, the owner's roles, and the permissions that these grant. */
export async function showTokenForm(
  res: Response,
  { tenant, now }: SignedInContext,
  { title, roles, to, cameFrom, review = false, passedOver = [] }: TokenFormPage,
  problem?: Problem,
): Promise<void> {
  const most = await mostMonths(tenant.id);
  const granting = (name: Permission): Role[] => roles.filter(({ grants }) => grants.includes(name));
  const granted = PERMISSIONS.map(({ name }) => name).filter((name) => granting(name).length > 0);
  show(res, 'api-credentials/new-token', {
    title,
    formAction: to,
    cameFrom,
    review: review ? `${to}/preview` : null,
    passedOver,
    roles: roles.map(({ id, name }) => ({ value: id, label: name })),
    // Nothing for others is chosen until somebody chooses it.
    rights: roles.some(({ grants }) => grants.some(concernsOthers)) ? 'chosen' : 'all',
    counts: roles.map(({ name, grants }) => `${name}: ${howMany(grants.length, 'permission')}`).join('; '),
    rows: permissionMatrix(granted).map(({ noun, permissions }) => ({
      noun,
      permissions: permissions.map((one) => ({
        ...one,
        hint: roles.length > 1 ? `Granted by ${namesOf(granting(one.name))}` : null,
        roles: granting(one.name)
          .map(({ id }) => id)
          .join(' '),
      })),
    })),
    months: Array.from({ length: most }, (_, index) => ({
      value: index + 1,
      expiresAt: addMonths(now, index + 1),
    })),
    ...problem,
  });
}

function namesOf(roles: readonly Role[]): string {
  return roles.map(({ name }) => name).join(', ');
}

import type { Response } from 'express';
import type { Role } from '#models/role.js';
import { mostMonths } from '#models/security-policy.js';
import { addMonths } from '#policies/months.js';
import { concernsOthers, PERMISSIONS, type Permission } from '#policies/permissions.js';
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
}

/** The form of a new token: validities with their dates, the owner's roles, and the permissions that these grant. */
export async function showTokenForm(
  res: Response,
  { tenant, now }: SignedInContext,
  { title, roles, to, cameFrom }: TokenFormPage,
  problem?: Problem,
): Promise<void> {
  const most = await mostMonths(tenant.id);
  const granting = (name: Permission): Role[] => roles.filter(({ grants }) => grants.includes(name));
  const scopeOf = (name: Permission, label: string) => ({
    value: name,
    label,
    short: name.endsWith(':read') ? 'See' : name.endsWith(':write') ? 'Change' : label,
    hint: roles.length > 1 ? `Granted by ${namesOf(granting(name))}` : null,
    roles: granting(name)
      .map(({ id }) => id)
      .join(' '),
  });
  show(res, 'api-credentials/new-token', {
    title,
    formAction: to,
    cameFrom,
    roles: roles.map(({ id, name }) => ({ value: id, label: name })),
    // Nothing for others is chosen until somebody chooses it.
    rights: roles.some(({ grants }) => grants.some(concernsOthers)) ? 'chosen' : 'all',
    counts: roles.map(({ name, grants }) => `${name}: ${howMany(grants.length, 'permission')}`).join('; '),
    nouns: [...new Set(PERMISSIONS.map(({ group }) => group))].flatMap((noun) => {
      const scopes = PERMISSIONS.filter(({ name, group }) => group === noun && granting(name).length > 0);
      return scopes.length === 0 ? [] : [{ noun, scopes: scopes.map(({ name, label }) => scopeOf(name, label)) }];
    }),
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

import type { Request, Response } from 'express';
import type { Role } from '#models/role.js';
import { mostMonths } from '#models/security-policy.js';
import { addMonths } from '#policies/months.js';
import { concernsOthers, permissionMatrix, PERMISSIONS, type Permission } from '#policies/permissions.js';
import type { SignedInContext } from '#server/context.js';
import type { Problem } from '#server/http/form.js';
import { howMany } from '#server/http/question.js';
import { show } from '#server/http/page.js';
import { dayOf } from '#server/http/times.js';
import { prefilledBy } from './prefilled.js';

/** For whom a token is made: with which of the owner's roles, and where the form goes. */
export interface TokenFormPage {
  title: string;
  roles: readonly Role[];
  to: string;
  cameFrom: { label: string; href: string };
}

/**
 * The form of a new token: validities with their dates, the owner's roles, and the permissions that these grant; filled in by
 * the link that led to it, or as it was sent.
 */
export async function showTokenForm(
  res: Response,
  { tenant, user, now }: SignedInContext,
  { title, roles, to, cameFrom }: TokenFormPage,
  asked: Request | Problem,
): Promise<void> {
  const most = await mostMonths(tenant.id);
  // What a link has filled in was typed by nobody yet, so nothing is wrong with it.
  const link = 'query' in asked ? prefilledBy(asked.query, roles, most) : null;
  const filled = link && Object.keys(link.values).length > 0 ? { errors: [], values: link.values } : {};
  const granting = (name: Permission): Role[] => roles.filter(({ grants }) => grants.includes(name));
  const granted = PERMISSIONS.map(({ name }) => name).filter((name) => granting(name).length > 0);
  show(res, 'api-credentials/new-token', {
    title,
    formAction: to,
    cameFrom,
    review: `${to}/preview`,
    passedOver: link?.passedOver ?? [],
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
      // The day alone, which a narrow screen shows whole.
      until: dayOf(user.locale, user.timeZone, addMonths(now, index + 1)),
    })),
    ...('query' in asked ? filled : asked),
  });
}

function namesOf(roles: readonly Role[]): string {
  return roles.map(({ name }) => name).join(', ');
}

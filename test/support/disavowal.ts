import { canonicalName } from '#policies/names.js';
import type { Permission } from '#policies/permissions.js';
import { Role } from '#models/role.js';
import { SecurityEvent } from '#models/security-event.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import type { Page } from './browser.js';
import type { Portal } from './portal.js';

/** The id of the newest event of this kind that `acme/uma` has in the security log. */
export async function eventOf(portal: Portal, who: string, event: string): Promise<string> {
  const found = await SecurityEvent.findOne({
    where: { targetId: portal.idOf(who), event },
    order: [['seq', 'DESC']],
    rejectOnEmpty: true,
  });
  return found.id;
}

/** Where “This wasn't me” leads beside the first row of recent activity that says this; null where there is no such button. */
export function buttonBeside(page: Page, label: string): string | null {
  const row = page.document.querySelectorAll('.setting').find((one) => one.querySelector('h3')?.text.trim() === label);
  if (!row) throw new Error(`${page.path} has no row that says ${label}.`);
  return row.querySelector('a[href$="/disavowal"]')?.getAttribute('href') ?? null;
}

/** Sets a new password with a mailed link, in a browser of nobody. */
export async function setPasswordWith(portal: Portal, path: string, password: string): Promise<Page> {
  return portal.browser().submit(path, path, { newPassword: password, confirmPassword: password });
}

/** Gives `acme/umar` one role more, of the organisation's own. */
export async function addRole(
  portal: Portal,
  who: string,
  role: { name: string; permissions: Permission[]; readOnly?: boolean },
): Promise<void> {
  const { id: userId, tenantId } = await User.findByPk(portal.idOf(who), { rejectOnEmpty: true });
  const { name, permissions, readOnly = false } = role;
  const made = await Role.create({
    tenantId,
    name,
    nameKey: canonicalName(name),
    permissions: JSON.stringify(permissions),
    readOnly,
    createdAt: portal.clock.now(),
  });
  await UserRole.create({ tenantId, userId, roleId: made.id });
}

/** Where the first “This wasn't me” of recent activity leads. */
export function hrefOfDisavowal(page: Page): string {
  const href = page.document.querySelector('a[href$="/disavowal"]')?.getAttribute('href');
  if (href === undefined) throw new Error(`${page.path} lets nothing be disavowed.`);
  return href;
}

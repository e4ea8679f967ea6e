import { Approval } from '#models/approval.js';
import { newId } from '#models/columns.js';
import { ApiCredential } from '#models/api-credential.js';
import { KnownBrowser } from '#models/known-browser.js';
import { Link } from '#models/link.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { RecoveryCode } from '#models/recovery-code.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import { DAY } from '#server/lib/clock.js';
import type { Page } from './browser.js';
import type { Portal } from './portal.js';
import { addSomebody, roleId, userCalled } from './users.js';

/** The names of what a check-up tells of, worst first; what is put off stands behind, in brackets. */
export function itemsOn(page: Page): string[] {
  const items = (section: string): string[] =>
    page.document.querySelectorAll(`[aria-labelledby=${section}] .finding`).map((one) => one.id);
  return [...items('open'), ...items('put-off').map((item) => `(${item})`)];
}

/** Somebody has a second factor from now on, and ten recovery codes. */
async function secure(portal: Portal, who: string): Promise<void> {
  const user = await userCalled(portal, who);
  await user.update({ twoFactor: 'active' });
  const { tenantId, id: userId } = user;
  const createdAt = portal.clock.now();
  await RecoveryCode.bulkCreate(
    Array.from({ length: 10 }, () => ({ tenantId, userId, codeHash: newId(), keyId: 'test', createdAt })),
  );
}

/** Of somebody's recovery codes so many are left. */
export async function leaveCodes(portal: Portal, who: string, left: number): Promise<void> {
  const codes = await RecoveryCode.findAll({ where: { userId: portal.idOf(who), usedAt: null } });
  for (const code of codes.slice(left)) await code.burn(portal.clock.now());
}

/** Uma signs in with a browser that was never used for her account. */
export async function signInElsewhere(portal: Portal): Promise<void> {
  await change(portal, 'acme/uma', { twoFactor: 'disabled' });
  await portal.signedIn('acme/uma');
  await change(portal, 'acme/uma', { twoFactor: 'active' });
}

/** There is nothing to do about acme: two owners, and everybody who looks after others has a second factor. */
export async function makeSound(portal: Portal): Promise<void> {
  await addSomebody(portal, 'acme/otto', 'owner');
  for (const who of ['acme/olivia', 'acme/otto', 'acme/adam', 'acme/audrey', 'acme/uma']) await secure(portal, who);
}

/** A credential as the table keeps it, of Uma's where nothing else is said. */
export async function addCredential(
  portal: Portal,
  given: Partial<Pick<ApiCredential, 'kind' | 'expiresAt' | 'createdAt' | 'lastUsedAt' | 'months' | 'revokedAt'>>,
): Promise<void> {
  const { tenantId, id: userId } = await userCalled(portal, 'acme/uma');
  const now = portal.clock.now();
  const role = await roleId(portal, 'acme', 'user');
  await ApiCredential.create({
    ...{ tenantId, userId, kind: 'token', name: 'Nightly backup', roleId: role, months: 12 },
    ...{ createdAt: now, expiresAt: now + 90 * DAY, ...given },
  });
}

/** Somebody was invited so long ago, by a link that is good for a week. */
export async function addInvited(portal: Portal, daysAgo: number, who = 'acme/iris'): Promise<void> {
  const iris = await addSomebody(portal, who, 'user');
  const createdAt = portal.clock.now() - daysAgo * DAY;
  await iris.update({ status: 'invited', passwordHash: null });
  const { tenantId, id: userId, email, epoch } = iris;
  const about = { tenantId, userId, kind: 'invitation', email, epoch } as const;
  await Link.create({ ...about, tokenHash: newId(), createdAt, expiresAt: createdAt + 7 * DAY });
}

/** A mail to Uma, as the outbox keeps it. */
export async function addMail(portal: Portal, given: Pick<OutboxMessage, 'state' | 'createdAt'>): Promise<void> {
  const { tenantId, id: userId, email: recipient } = await userCalled(portal, 'acme/uma');
  const about = { tenantId, userId, recipient, event: 'password-changed', subject: 'Your password was changed' };
  await OutboxMessage.create({ ...about, tries: 3, nextTryAt: given.createdAt, ...given });
}

/** The accounts of acme that were locked, so many days ago. */
export async function addLocks(portal: Portal, daysAgo: number, happened: number): Promise<void> {
  const { tenantId } = await userCalled(portal, 'acme/uma');
  const day = Math.floor(portal.clock.now() / DAY) - daysAgo;
  await portal.database.sequelize.query(
    'INSERT INTO security_event_days (tenant_id, event, day, happened) VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id, event, day) DO UPDATE SET happened = excluded.happened',
    { bind: [tenantId, 'account.locked', day, happened] },
  );
}

/** That Uma has used a browser for long, so that another one is news. */
export async function knowABrowser(portal: Portal): Promise<void> {
  const { tenantId, id: userId } = await userCalled(portal, 'acme/uma');
  const createdAt = portal.clock.now() - 100 * DAY;
  await KnownBrowser.create({ tenantId, userId, browserHash: newId(), createdAt, lastUsedAt: createdAt });
}

/** Takes a role from everybody who has it, but for one. */
export async function leaveOnly(portal: Portal, key: 'owner', who: string): Promise<void> {
  const { tenantId, id } = await userCalled(portal, who);
  const role = await roleId(portal, 'acme', key);
  const held = await UserRole.findAll({ where: { tenantId, roleId: role } });
  for (const { userId } of held)
    if (userId !== id) await UserRole.destroy({ where: { tenantId, userId, roleId: role } });
}

/** How somebody stands in the table, from now on. */
export async function change(portal: Portal, who: string, values: Partial<User['_creationAttributes']>): Promise<void> {
  await (await userCalled(portal, who)).update(values);
}

/** Something that `acme/adam` has asked for about `acme/uma`, which somebody else is to decide. */
export async function addRequest(portal: Portal): Promise<void> {
  const [uma, adam] = [await userCalled(portal, 'acme/uma'), await userCalled(portal, 'acme/adam')];
  const now = portal.clock.now();
  await Approval.create({
    ...{ tenantId: uma.tenantId, decidingTenantId: uma.tenantId, userId: uma.id, subjectId: uma.id },
    ...{ kind: 'access-pass', state: 'waiting', minutes: 60, requestedBy: adam.id },
    ...{ epoch: uma.epoch, requesterEpoch: adam.epoch, createdAt: now, expiresAt: now + DAY },
  });
}

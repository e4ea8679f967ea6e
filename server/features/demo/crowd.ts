import { ApiCredential } from '#models/api-credential.js';
import { newId } from '#models/columns.js';
import { Role } from '#models/role.js';
import { colleague } from '#models/seeds/demo.js';
import { aboutSecret, TotpSecret } from '#models/totp-secret.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import { addMonths } from '#policies/months.js';
import type { FactoryRoleKey } from '#policies/roles.js';
import type { Context } from '#server/context.js';
import { newApiSecret } from '#server/lib/api-secret.js';
import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';
import { newTotpSecret } from '#server/lib/totp.js';
import { putSecret } from '#server/identity/credential.js';
import { replaceRecoveryCodes } from '#server/identity/recovery-codes.js';
import { recordMany, type PastHappening } from '#server/trace/record.js';

/** Somebody of the crowd, as the history of the organisation needs them. */
export interface Colleague {
  id: string;
  createdAt: number;
  /** Whether they come and go: not the invited, the disabled and the stale. */
  present: boolean;
}

/** What programs of theirs are called, and in how many days their tokens end. */
const TOKENS = [
  ['Nightly backup', 2],
  ['Deployments', 9],
  ['Dashboard', 13],
  ['Invoices', 48],
  ['Status page', 75],
  ['Data warehouse', 120],
  ['On-call bot', 210],
  ['Mobile tests', 300],
] as const;

/**
 * The colleagues of the named cast: most of them with two-factor authentication, some invited, disabled or stale, one
 * locked, with tokens of which a few are near their end. Inside a transaction.
 */
export async function addCrowd(
  context: Context,
  tenantId: string,
  size: number,
  passwordHash: string,
): Promise<Colleague[]> {
  const { now } = context;
  const users = Array.from({ length: size }, (_, number) => someone(number, tenantId, now, passwordHash));
  await User.bulkCreate(users);
  const roles: Partial<Record<FactoryRoleKey, Role>> = {};
  for (const key of ['admin', 'auditor', 'user'] as const) roles[key] = await Role.factory(tenantId, key);
  const roleOf = (number: number): string =>
    roles[number === 1 ? 'admin' : number === 2 ? 'auditor' : 'user']?.id ?? '';
  await UserRole.bulkCreate(users.map(({ id }, number) => ({ tenantId, userId: id, roleId: roleOf(number) })));
  await addFactors(
    context,
    users.filter(({ twoFactor }) => twoFactor === 'active').map(({ id }) => id),
    tenantId,
  );
  const owners = users
    .map((user, number) => ({ ...user, roleId: roleOf(number) }))
    .filter(({ status, lockedUntil }) => status === 'active' && lockedUntil === null);
  await addTokens(context, tenantId, owners);
  await recordMany(
    context,
    tenantId,
    users.map(birthOf).sort((one, other) => (one.at ?? 0) - (other.at ?? 0)),
  );
  return users.map(({ id, status, createdAt, lastSignedInAt }) => ({
    id,
    createdAt,
    present: status === 'active' && now - (lastSignedInAt ?? 0) < 30 * DAY,
  }));
}

function someone(number: number, tenantId: string, now: number, passwordHash: string) {
  const { username, name } = colleague(number);
  // Of every twenty: one or two are invited, one is disabled, two have not been there for long, one in all is locked.
  const place = number % 20;
  const invited = place === 7 || number === 18;
  const stale = place === 11 || place === 15;
  const status = invited ? ('invited' as const) : place === 13 ? ('disabled' as const) : ('active' as const);
  const createdAt = invited ? now - (2 + number) * DAY : now - (95 + number * 17) * DAY - number * 53 * MINUTE;
  const away = stale || status === 'disabled' ? (100 + number) * DAY : (number % 6) * 7 * HOUR + number * 11 * MINUTE;
  return {
    id: newId(),
    tenantId,
    status,
    username,
    name,
    email: `${username}@acme.example`,
    passwordHash: invited ? null : passwordHash,
    passwordChangedAt: invited ? null : Math.max(createdAt, now - number * 19 * DAY),
    createdAt,
    lastSignedInAt: invited ? null : Math.max(createdAt, now - away),
    lockedUntil: number === 4 ? now + 35 * MINUTE : null,
    twoFactor: status === 'active' && number % 10 < 7 && number !== 4 ? ('active' as const) : ('disabled' as const),
  };
}

async function addFactors(context: Context, userIds: readonly string[], tenantId: string): Promise<void> {
  const { services, now } = context;
  await TotpSecret.bulkCreate(
    userIds.map((userId) => ({
      tenantId,
      userId,
      sealedSecret: services.keys.seal(newTotpSecret(), aboutSecret({ tenantId, userId })),
      lastStep: 0,
      createdAt: now - 90 * DAY,
      confirmedAt: now - 90 * DAY,
    })),
  );
  for (const user of await User.findAll({ where: { tenantId, id: [...userIds] } }))
    await replaceRecoveryCodes(context, user);
}

async function addTokens(
  { now }: Context,
  tenantId: string,
  owners: readonly { id: string; roleId: string }[],
): Promise<void> {
  for (const [index, [name, daysLeft]] of TOKENS.entries()) {
    const owner = owners[(index * 3 + 1) % Math.max(owners.length, 1)];
    if (!owner) return;
    const { id: userId, roleId } = owner;
    const months = daysLeft > 150 ? 12 : 6;
    const expiresAt = now + daysLeft * DAY;
    const createdAt = expiresAt - (addMonths(now, months) - now);
    const lastUsedAt = index % 4 === 3 ? null : now - index * 5 * HOUR - 12 * MINUTE;
    const lastUsedIp = lastUsedAt === null ? null : `198.51.100.${20 + index}`;
    const given = { tenantId, userId, kind: 'token' as const, name, roleId, months, createdAt, expiresAt };
    const row = await ApiCredential.create({ ...given, lastUsedAt, lastUsedIp });
    await putSecret(row, newApiSecret('token'), createdAt);
  }
}

function birthOf({ id, createdAt, status }: { id: string; createdAt: number; status: string }): PastHappening {
  return { event: 'user.created', target: { type: 'user', id }, details: { kind: 'person', status }, at: createdAt };
}

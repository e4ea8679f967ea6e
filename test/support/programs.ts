import { generateKeyPairSync } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { inTransaction } from '#models/transaction.js';
import { Role } from '#models/role.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import type { Permission } from '#policies/permissions.js';
import type { SignedInContext } from '#server/context.js';
import { generateCredential } from '#server/features/api-credentials/actions.js';
import { issueToken } from '#server/features/api-credentials/tokens.js';
import { addUser } from '#server/identity/add-user.js';
import { basic } from './credentials.js';
import { contextIn } from './links.js';
import type { Portal } from './portal.js';
import { Program } from './program.js';

export interface TokenOptions {
  /** Of the roles that the user holds, by name; by default the first. */
  role?: string;
  scopes?: readonly Permission[] | null;
  months?: number;
  allowedIps?: string;
}

let count = 0;

/** Makes an API token for `acme/uma`; gives its id and its secret. */
export async function tokenFor(
  portal: Portal,
  who: string,
  { role, scopes = null, months = 3, allowedIps = '' }: TokenOptions = {},
): Promise<{ id: string; secret: string }> {
  const [slug = '', username = ''] = who.split('/');
  const context = await contextIn(portal, slug);
  const user = await User.findOne({
    where: { tenantId: context.tenant.id, username },
    include: 'roles',
    rejectOnEmpty: true,
  });
  const of = user.roles?.find(({ name }) => role === undefined || name === role);
  if (!of) throw new Error(`${who} has no role ${role ?? ''}.`);
  const name = `Token ${(count += 1)}`;
  const { credential, secret } = await issueToken(context, user.id, {
    name,
    months,
    roleId: of.id,
    scopes,
    allowedIps,
  });
  return { id: credential.id, secret };
}

/** Generates the API key or the API password of `acme/uma`; gives the secret. */
export async function generateFor(portal: Portal, who: string, kind: 'key' | 'password'): Promise<string> {
  const [slug = '', username = ''] = who.split('/');
  const context = await contextIn(portal, slug);
  const user = await User.findOne({ where: { tenantId: context.tenant.id, username }, rejectOnEmpty: true });
  return (await generateCredential({ ...context, user } as unknown as SignedInContext, kind)).secret;
}

/** A program with a token of `acme/uma`, sent as Bearer. */
export async function programOf(portal: Portal, who: string, options: TokenOptions = {}): Promise<Program> {
  return bearer(portal, (await tokenFor(portal, who, options)).secret);
}

export function bearer(portal: Portal, secret: string): Program {
  return new Program(portal, { Authorization: `Bearer ${secret}` });
}

export function withApiKey(portal: Portal, secret: string): Program {
  return new Program(portal, { 'X-API-Key': secret });
}

export function withBasic(portal: Portal, user: string, password: string): Program {
  return new Program(portal, basic(user, password));
}

/** Makes a role of the organisation's own with these permissions. */
export async function roleWith(
  portal: Portal,
  slug: string,
  permissions: readonly Permission[],
  values: { name?: string; readOnly?: boolean } = {},
): Promise<Role> {
  const { tenant, now } = await contextIn(portal, slug);
  const { name = `Role ${(count += 1)}`, readOnly = false } = values;
  return Role.create({ tenantId: tenant.id, name, permissions: JSON.stringify(permissions), readOnly, createdAt: now });
}

/** Adds `acme/otto`, who holds this role alone. */
export async function personWith(
  portal: Portal,
  who: string,
  role: Role,
  kind: 'person' | 'service' = 'person',
): Promise<User> {
  const [slug = '', username = ''] = who.split('/');
  const context = await contextIn(portal, slug);
  const passwordHash = kind === 'person' ? 'a hash that nothing matches' : null;
  return inTransaction(() =>
    addUser(context, {
      tenantId: context.tenant.id,
      username,
      name: `${username} Somebody`,
      email: `${username}@${slug}.example`,
      passwordHash,
      kind,
      roleIds: [role.id],
    }),
  );
}

/** Gives a user these roles, in place of those they have. */
export async function giveRoles(user: { id: string; tenantId: string }, roles: readonly Role[]): Promise<void> {
  await inTransaction(() =>
    UserRole.replace(
      user.tenantId,
      user.id,
      roles.map(({ id }) => id),
      { at: 0, by: null },
    ),
  );
}

/** A public SSH key that nobody has yet, in OpenSSH's form. */
export function freshSshKey(comment = 'somebody@laptop'): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const parts = [Buffer.from('ssh-ed25519'), Buffer.from(x, 'base64url')];
  const blob = Buffer.concat(parts.flatMap((part) => [Buffer.from([0, 0, 0, part.length]), part]));
  return `ssh-ed25519 ${blob.toString('base64')} ${comment}`;
}

/** A secret of a token with this id that is sound in its form, as somebody makes it who has read the documentation. */
export function forgedSecret(publicId: string): string {
  return withChecksum(`ght_${publicId}_${'A'.repeat(43)}`);
}

/** The secret of a token, made out to be that of an API key: sound in its form, too. */
export function ofAnotherKind(token: string): string {
  const [, id = '', secret = ''] = token.split('_');
  return withChecksum(`ghk_${id}_${secret}`);
}

function withChecksum(body: string): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let rest = crc32(body);
  let sum = '';
  for (let place = 0; place < 6; place += 1) {
    sum = digits.charAt(rest % 62) + sum;
    rest = Math.floor(rest / 62);
  }
  return `${body}_${sum}`;
}

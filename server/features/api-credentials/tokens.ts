import { Op } from 'sequelize';
import { ApiCredential } from '#models/api-credential.js';
import { mostMonths } from '#models/security-policy.js';
import { User } from '#models/user.js';
import { MOST_TOKENS } from '#policies/credential.js';
import { canonicalIpList, ipListProblem } from '#policies/ip-range.js';
import { addMonths } from '#policies/months.js';
import type { SignedInContext, TenantContext } from '#server/context.js';
import { Invalid, NotFound, type FieldError } from '#server/errors.js';
import { newApiSecret } from '#server/lib/api-secret.js';
import { actingNow } from '#server/identity/acting.js';
import { askForApproval } from '#server/identity/approvals.js';
import { putSecret } from '#server/identity/credential.js';
import { credentialText } from '#server/mail/words.js';
import type { Role } from '#models/role.js';
import { traceAddition } from './traces.js';

export interface NewToken {
  name: string;
  /** 1 to 12; capped by the policy. */
  months: number;
  roleId: string;
  /** A narrower choice of the role's permissions, or none of them; null is all. */
  scopes: readonly string[] | null;
  allowedIps: string;
}

/** What is shown once: the credential's row, and its secret, which is never seen again. */
export interface Shown {
  credential: ApiCredential;
  secret: string;
}

/** Makes an API token of the caller's own. */
export async function createToken(context: SignedInContext, given: NewToken): Promise<Shown> {
  return actingNow(context, 'tokens:create', (acting) => issueToken(acting, acting.user.id, given));
}

/**
 * Makes a token for a user of the tenant. The caller has checked who may (oneself, or an admin for a service account) and
 * holds the row of the user, so that two at once cannot both be the last that the cap allows.
 */
export async function issueToken(context: TenantContext, userId: string, given: NewToken): Promise<Shown> {
  const { tenant, now } = context;
  const secret = newApiSecret('token');
  const owner = await User.inTenant(tenant.id, userId);
  if (owner?.status !== 'active') throw new NotFound();
  const role = await checkToken(context, owner, given);
  const scopes = given.scopes && [...new Set(given.scopes)].sort();
  const row = await ApiCredential.create({
    tenantId: tenant.id,
    userId,
    kind: 'token',
    name: given.name,
    roleId: given.roleId,
    scopes: scopes && JSON.stringify(scopes),
    allowedIps: canonicalIpList(given.allowedIps),
    months: given.months,
    createdAt: now,
    expiresAt: addMonths(now, given.months),
    waitingSince: role.tokensNeedApproval ? now : null,
  });
  await putSecret(row, secret, now);
  await traceAddition(context, 'api-token.created', row, {
    months: given.months,
    ...(scopes === null ? {} : { scopes }),
  });
  if (role.tokensNeedApproval)
    await askForApproval(context, { kind: 'api-token', userId, subjectId: row.id, about: credentialText(row) });
  return { credential: row, secret: secret.text };
}

/** The role that the token would have. Throws `Invalid` for what cannot be made. */
export async function checkToken({ tenant, now }: TenantContext, owner: User, given: NewToken): Promise<Role> {
  const errors: FieldError[] = [];
  const most = await mostMonths(tenant.id);
  if (given.months > most) errors.push({ field: 'months', message: tooLong(most) });
  const role = owner.roles?.find(({ id }) => id === given.roleId);
  if (!role) errors.push({ field: 'roleId', message: 'Choose one of your own roles.' });
  else if (given.scopes?.some((scope) => !(role.grants as readonly string[]).includes(scope))) {
    errors.push({ field: 'scopes', message: `Choose only permissions that the role ${role.name} grants.` });
  }
  const ipProblem = ipListProblem(given.allowedIps);
  if (ipProblem !== null) errors.push({ field: 'allowedIps', message: ipProblem });
  if (!role || errors.length > 0) throw new Invalid(errors);
  const where = { tenantId: tenant.id, userId: owner.id, kind: 'token', revokedAt: null, expiresAt: { [Op.gt]: now } };
  if ((await ApiCredential.count({ where })) >= MOST_TOKENS) {
    throw Invalid.field(
      '',
      `There are ${MOST_TOKENS} API tokens that work now, which is the most there may be. Revoke one that is no longer used.`,
    );
  }
  return role;
}

function tooLong(most: number): string {
  return `Your organisation allows at most ${most === 1 ? '1 month' : `${most} months`}. Choose fewer.`;
}

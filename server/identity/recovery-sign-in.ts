import type { RecoveryCode } from '#models/recovery-code.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { readInTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import { canonicalSlug } from '#policies/names.js';
import type { Context } from '#server/context.js';
import { Conflict, Invalid } from '#server/errors.js';
import { countFailure, refuseFailingAddress } from './address-limit.js';
import type { SignInCandidate } from './check-credentials.js';
import { tellOfWrongProof } from './code.js';
import { codeKey, nobodysCodeKey } from './counters.js';
import { isOpen } from './gone.js';
import { recordNobodys } from './nobody.js';
import { refuseOutsider } from './outsider.js';
import { passwordReachOf } from './password-reach.js';
import { burnRecoveryCode, findRecoveryCode } from './prove-recovery-code.js';
import { isShutOut } from './shut-out.js';
import { underStrangersLock } from './strangers-lock.js';
import { inContext } from './tenant.js';

/** What was typed by who has not said a password before. */
export interface TypedRecovery {
  organization: string;
  username: string;
  recoveryCode: string;
}

/** A code, and whom it lets add a passkey. */
export interface ProvenRecovery {
  candidate: SignInCandidate;
  code: RecoveryCode;
}

/** One sentence for every cause: it says neither that an account is there, nor what its organisation lets passwords do. */
const REFUSED =
  'The organisation, username or recovery code is not right, the code was used, or your organisation asks for your password first. Check them, or sign in with your password and enter the code after it. After ten wrong ones, none is looked at for a while.';

/**
 * Whose recovery code this is, where the password opens nothing that could come before it; the code is not burned yet. Throws
 * `Invalid`, the same for every cause, a lock among them: a wrong one is counted with the codes of the account, and one of a name to
 * which this is no way in as one that nobody has. Throws `TooMany` for an address that fails too often.
 */
export async function proveRecoveryAlone(context: Context, typed: TypedRecovery): Promise<ProvenRecovery> {
  const { services } = context;
  await refuseFailingAddress(services, context.ip);
  const tenant = await Tenant.findOne({ where: { slug: canonicalSlug(typed.organization) } });
  const user = await User.bySignInName(tenant?.id ?? '', typed.username);
  const policy = await SecurityPolicy.findByPk(tenant?.id ?? '');
  const reach = await passwordReachOf(services.database.read, { user, policy }, context.now);
  const open = user !== null && !user.resetHeld && (await isOpen(services.database.read, user, context.now));
  const active = open && tenant?.status === 'active';
  const owner = active && reach === 'nothing' ? { user, tenant: inContext(tenant) } : null;
  const counter = owner ? codeKey(owner.user.id) : nobodysCodeKey(services, typed);
  const found = await findRecoveryCode(context, user ?? { id: '', tenantId: '' }, typed.recoveryCode);
  const fresh = found !== null && found.usedAt === null && found.replacedAt === null;
  const refuse = async (blockedUntil: number): Promise<never> => {
    await countFailure(services, context.ip);
    if (owner) await tellOfWrongProof(context, owner, 'two-factor.failed', blockedUntil);
    else await recordNobodys(context, 'sign-in.failed', { tenant, user }, counter);
    throw Invalid.field('', REFUSED);
  };
  await underStrangersLock(context, counter, () => Promise.resolve(owner !== null && fresh), refuse);
  if (!owner || !found || !policy) throw Invalid.field('', REFUSED);
  if (await isShutOut(owner.user, policy, context.ip)) await refuseOutsider(context, owner.user, owner.tenant);
  const how = { counter, newBrowser: true, rememberedAt: null, methods: ['recovery'] } as const;
  return { candidate: { ...owner, ...how }, code: found };
}

/** Burns the code, with the sign-in that it opens. Inside a transaction. */
export async function takeRecovery(context: Context, { candidate, code }: ProvenRecovery): Promise<void> {
  const { user, tenant } = candidate;
  const policy = await SecurityPolicy.of(tenant.id);
  const reach = await passwordReachOf(readInTransaction, { user, policy }, context.now);
  if (reach !== 'nothing' || !(await burnRecoveryCode(context, { user, tenant }, code)))
    throw new Conflict('This recovery code has just been used, or is no way in any more. Sign in again.');
}

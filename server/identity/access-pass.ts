import { AccessPass } from '#models/access-pass.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { canonicalSlug } from '#policies/names.js';
import type { Context } from '#server/context.js';
import { Conflict, Invalid } from '#server/errors.js';
import { record } from '#server/trace/record.js';
import { countFailure, refuseFailingAddress } from './address-limit.js';
import type { SignInCandidate } from './check-credentials.js';
import { tellOfWrongProof } from './code.js';
import { codeKey, nobodysCodeKey } from './counters.js';
import { isOpen } from './gone.js';
import { hashOfPass } from './make-pass.js';
import { recordNobodys } from './nobody.js';
import { refuseOutsider } from './outsider.js';
import { isShutOut } from './shut-out.js';
import { underStrangersLock } from './strangers-lock.js';
import { inContext } from './tenant.js';

/** What was typed on the page that takes a pass. */
export interface TypedPass {
  organization: string;
  username: string;
  pass: string;
}

const REFUSED =
  'The organisation, username or access pass is not right, or the pass was used or has run out. Check them, or ask for a new one. After ten wrong ones, none is looked at for a while.';

/**
 * Whose pass this is, and the pass, which is not taken yet. Throws `Invalid`, the same for every cause, a lock
 * among them: a wrong one is counted with the codes of the account, and a name that has no pass as one that nobody has. Throws
 * `TooMany` for an address that fails too often.
 */
export async function provePass(
  context: Context,
  typed: TypedPass,
): Promise<{ candidate: SignInCandidate; pass: AccessPass }> {
  const { services } = context;
  await refuseFailingAddress(services, context.ip);
  const tenant = await Tenant.findOne({ where: { slug: canonicalSlug(typed.organization) } });
  const user = await User.bySignInName(tenant?.id ?? '', typed.username);
  const pass = await openPass(context, tenant, user);
  const counter = user && pass ? codeKey(user.id) : nobodysCodeKey(services, typed);
  const given = hashOfPass(context, user?.id ?? '', typed.pass);
  await underStrangersLock(
    context,
    counter,
    () => Promise.resolve(pass !== null && pass.passHash === given),
    async (blockedUntil) => {
      await countFailure(services, context.ip);
      if (user && tenant && pass)
        await tellOfWrongProof(context, { user, tenant: inContext(tenant) }, 'access-pass.failed', blockedUntil);
      else await recordNobodys(context, 'access-pass.failed', { tenant, user }, counter);
      throw Invalid.field('', REFUSED);
    },
  );
  if (!user || !tenant || !pass) throw Invalid.field('', REFUSED);
  const policy = await SecurityPolicy.of(tenant.id);
  if (await isShutOut(user, policy, context.ip)) await refuseOutsider(context, user, inContext(tenant));
  const how = { counter, newBrowser: true, rememberedAt: null, methods: ['pass'] } as const;
  return { candidate: { user, tenant: inContext(tenant), ...how }, pass };
}

/** Takes the pass, with the sign-in that it opens. Inside a transaction. */
export async function takePass(context: Context, { user, tenant }: SignInCandidate, pass: AccessPass): Promise<void> {
  if (!(await pass.take(context.now))) throw new Conflict('This access pass has just been used. Ask for a new one.');
  const target = { type: 'user', id: user.id } as const;
  await record(context, { event: 'access-pass.used', tenantId: tenant.id, actorId: user.id, target });
}

// The one live pass of an account that is as it was when it was made.
async function openPass({ services }: Context, tenant: Tenant | null, user: User | null): Promise<AccessPass | null> {
  const where = { tenantId: tenant?.id ?? '', userId: user?.id ?? '', epoch: user?.epoch ?? 0 };
  const now = services.clock.now();
  const pass = await AccessPass.findOne({ where: { ...where, ...AccessPass.live(now) } });
  const open = user !== null && tenant?.status === 'active' && (await isOpen(services.database.read, user, now));
  return open ? pass : null;
}

import { readNamed } from '#models/sign-in-reads.js';
import { PLATFORM_SLUG, Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import type { Method, PasswordReach } from '#policies/authentication.js';
import { canonicalEmail, canonicalSlug } from '#policies/names.js';
import { DEFAULT_POLICY } from '#policies/security-policy.js';
import type { Context, TenantInContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import type { PasswordWork } from '#server/lib/password-hash.js';
import { hashToken } from '#server/lib/random-token.js';
import { recordRepeated } from '#server/trace/repeated.js';
import { isOpen } from './gone.js';
import { isShutOut } from './shut-out.js';
import { inContext } from './tenant.js';
import { refuseOutsider } from './outsider.js';
import { countEntrancePost, countFailure, refuseFailingAddress, stranger } from './address-limit.js';
import { accountKey } from './counters.js';
import { countInARow, isShut, tellOfShut } from './in-a-row.js';
import { reachFrom } from './password-reach.js';
import { countWrongPassword, refuseWhileLocked, tellOfLock } from './lockout.js';

export interface Credentials {
  organization: string;
  username: string;
  password: string;
  /** The id in the browser's device cookie, when it has one. */
  browser: string | null;
  /** True of a program, whose calls are counted elsewhere. */
  byCall?: boolean;
  /** True where even the right password lets nobody in by this door: it is then a wrong one like any other. */
  barred?: boolean;
}

export interface SignInCandidate {
  user: User;
  tenant: TenantInContext;
  /** The counter that this sign-in stands on; cleared when it is complete. */
  counter: string;
  newBrowser: boolean;
  /** When the browser was remembered, where that stands in for a code; else null. */
  rememberedAt: number | null;
  /** How they have shown who they are. */
  methods: readonly Method[];
}

/** One sentence for every cause, so that it tells nobody what exists. */
const REFUSED = 'The organisation, username or password is not right. Check them and try again.';

/**
 * Who these credentials belong to. Throws `Invalid`, the same for every cause and after the same work, or `TooMany` while
 * a browser that the owner has used before is locked. Nobody is signed in by this yet.
 */
export async function checkCredentials(context: Context, credentials: Credentials): Promise<SignInCandidate> {
  const { services } = context;
  const { browser, username: typed } = credentials;
  const browserHash = browser === null ? '' : hashToken(browser);
  // One statement, whoever and whatever there is, and before the password is looked at: the time tells nothing.
  const { tenant, user, policy, known, ...read } = await readNamed(services.database, {
    slug: slugIn(credentials),
    typed,
    browserHash,
  });
  const reach = reachFrom(read.reach, { user, policy }, context.now);
  const barred = credentials.barred === true || reach === 'nothing';
  const counter = user ? accountKey(user.id, known?.browserHash) : strangerKey(context, credentials);

  if (known === null) {
    if (!credentials.byCall) await countEntrancePost(services, context.ip);
    // Before a place is asked for, and again inside it.
    await refuseFailingAddress(services, context.ip);
  }

  // Lock, address, password and count inside one place: parallel guesses wait their turn, and cannot run past either.
  const asker = known ? { known: true, path: [counter] } : stranger(context.ip);
  const right = await services.passwords.slot(async (work) => {
    // What a stranger is told of a lock would tell that the account exists. A known browser is the owner's, and may know.
    if (known) await refuseWhileLocked(context, counter);
    else await refuseFailingAddress(services, context.ip);
    const shut = known === null && (await isShut(context, counter));
    if (shut) await work.verifyDummy(credentials.password);
    else if (await isRight(context, work, { user: barred ? null : user, tenant }, credentials.password)) return true;
    // What strangers fail at an address is not held against the browsers that its people use.
    if (!known) await countFailure(services, context.ip);
    const threshold = policy?.lockoutThreshold ?? DEFAULT_POLICY.lockoutThreshold;
    const until = shut ? null : await countWrongPassword(context, counter, threshold);
    const last = !shut && known === null && (await countInARow(context, counter));
    // What nobody owns is told to the operators: the same work for every cause, and they see guessing at organisations.
    const home = tenant ?? (await Tenant.findOne({ where: { slug: PLATFORM_SLUG } }));
    if (home) {
      const told = {
        reason: shut ? 'locked' : await reasonOf(context, tenant, user, reach),
        user,
        typed: strangerKey(context, credentials),
      };
      await recordFailure(context, inContext(home), told);
      if (until !== null) await tellOfLock(context, user, inContext(home), until);
      if (last && user) await tellOfShut(context, user, inContext(home));
    }
    return false;
  }, asker);
  if (!right || !user || !tenant) throw Invalid.field('', REFUSED);
  if (policy && (await isShutOut(user, policy, context.ip))) await refuseOutsider(context, user, inContext(tenant));
  await rehashIfMoved(context, user, credentials.password);
  return { user, tenant: inContext(tenant), counter, newBrowser: known === null, rememberedAt: null, methods: ['pwd'] };
}

// Whatever is missing, the same hashing is done, and the answer is no.
async function isRight(
  { services }: Context,
  work: PasswordWork,
  { user, tenant }: { user: User | null; tenant: Tenant | null },
  password: string,
): Promise<boolean> {
  const matches = await work.verify(user?.passwordHash ?? null, password);
  if (!matches || user === null || tenant?.status !== 'active') return false;
  return isOpen(services.database.read, user, services.clock.now());
}

// A name that nobody has is counted as if somebody had, so that being locked tells nothing either.
function strangerKey(context: Context, credentials: Credentials): string {
  const name = JSON.stringify([slugIn(credentials), canonicalEmail(credentials.username)]);
  return `account/unknown-${context.services.keys.mac('throttle', name)}`;
}

function slugIn({ organization }: Credentials): string {
  return canonicalSlug(organization);
}

async function reasonOf(
  { services, now }: Context,
  tenant: Tenant | null,
  user: User | null,
  reach: PasswordReach,
): Promise<string> {
  if (!tenant) return 'unknown organisation';
  if (!user) return 'unknown user';
  if (reach === 'nothing') return 'passwords open nothing';
  const open = tenant.status === 'active' && (await isOpen(services.database.read, user, now));
  return open ? 'wrong password' : 'not active';
}

async function recordFailure(
  context: Context,
  home: TenantInContext,
  { reason, user, typed }: { reason: string; user: User | null; typed: string },
): Promise<void> {
  const target = user ? { target: { type: 'user' as const, id: user.id } } : {};
  const happening = {
    event: 'sign-in.failed',
    tenantId: home.id,
    actorId: null,
    ...target,
    details: { reason },
  } as const;
  await recordRepeated(context, happening, typed);
}

async function rehashIfMoved(context: Context, user: User, password: string): Promise<void> {
  const { passwords } = context.services;
  if (user.passwordHash === null || !passwords.needsRehash(user.passwordHash)) return;
  const passwordHash = await passwords.hash(password);
  await User.update(
    { passwordHash },
    { where: { tenantId: user.tenantId, id: user.id, passwordHash: user.passwordHash } },
  );
}

import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { PLATFORM_SLUG, Tenant } from '#models/tenant.js';
import type { Context } from '#server/context.js';
import { Invalid, TooMany } from '#server/errors.js';
import type { Counter } from '#models/throttle.js';
import { recordRepeated } from '#server/trace/repeated.js';
import { countEntrancePost, countFailure, refuseFailingAddress } from './address-limit.js';
import type { SignInCandidate } from './check-credentials.js';
import { tellOfWrongProof, underLockOfFailures } from './code.js';
import { isOpen } from './gone.js';
import { tellOfOutsider } from './outsider.js';
import { readAssertion, type Answer } from './passkey-answer.js';
import { isStaleChallenge, takeChallenge } from './passkey-challenge.js';
import { requestOptions, type RequestOptions } from './passkey-options.js';
import { lookBefore, opensAlone, ownerOfPasskey, passkeyCounter, type OwnedPasskey } from './passkey-owner.js';
import { provenBy, shownBy, type ProvenPasskey } from './passkey-proof.js';
import { isShutOut } from './shut-out.js';
import { inContext } from './tenant.js';

/** Where a passkey is asked for before anybody is known: the visitor's browser, and the organisation whose own host it is, if it is one. */
export interface Entrance {
  visitor: string;
  slug: string | null;
}

/** What was sent, and the id in the device cookie of the browser it came from. */
interface Sent extends Entrance {
  credential: string;
  browser: string | null;
}

/** One sentence for every cause: it says neither that an account is there, nor how it stands. */
const REFUSED =
  'This passkey does not sign you in. Try again, or enter your username and password: some passkeys only stand beside those.';
const STALE = 'This page was open for too long. Use your passkey again.';

/** Nothing is known here of the passkey that was sent: what keeps it may be told to forget it. */
export class UnknownPasskey extends Invalid {
  readonly credentialId: string;
  constructor(credentialId: string) {
    super([{ field: '', message: REFUSED }]);
    this.credentialId = credentialId;
  }
}

/** The options of the sign-in page, the same for everybody; null at an address that is no organisation's, while each has its own. */
export function signInOptions(context: Context, { visitor, slug }: Entrance): RequestOptions | null {
  if (context.services.config.baseDomain !== null && slug === null) return null;
  const ceremony = { about: aboutSignIn(visitor), verified: true };
  return requestOptions(context, { slug: slug ?? '', name: '' }, ceremony, []);
}

/**
 * Who this passkey signs in, without a password: used with PIN, finger or face, where its owner and the organisation let it.
 * Throws `Invalid`, the same for every cause, or `TooMany`: a wrong one is counted with the codes of the account.
 */
export async function proveByPasskeyAlone(
  context: Context,
  sent: Sent,
): Promise<{ candidate: SignInCandidate; proven: ProvenPasskey }> {
  const { services } = context;
  const answer = readAssertion(sent.credential);
  if (answer && isStaleChallenge(context, answer.challenge, aboutSignIn(sent.visitor))) throw Invalid.field('', STALE);
  const owned = answer && (await ownerOfPasskey(context, answer.response.id, sent));
  const known = owned?.known ?? null;
  if (!known) {
    await countEntrancePost(services, context.ip);
    await refuseFailingAddress(services, context.ip);
  }
  const counter = owned ? passkeyCounter(owned) : nobodysKey(context, answer);
  const seen: Seen = { proven: null, outside: false, unknown: null };
  const refuse = async (blockedUntil: number): Promise<never> => {
    if (!known) await countFailure(services, context.ip);
    await tellOfRefusal(context, owned, seen.outside, blockedUntil);
    if (seen.unknown !== null) throw new UnknownPasskey(seen.unknown);
    throw Invalid.field('', REFUSED);
  };
  try {
    const before = await lookBefore(context, counter, owned);
    const check = (): Promise<boolean> => look(context, sent, { answer, owned, lock: before.other }, seen);
    await underLockOfFailures(context, counter, check, refuse, before);
  } catch (error) {
    // What a stranger is told of a lock would tell that the account exists.
    if (error instanceof TooMany && !known) return await refuse(0);
    throw error;
  }
  if (!owned || !seen.proven) throw Invalid.field('', REFUSED);
  const { proven } = seen;
  const how = { counter, newBrowser: known === null, rememberedAt: null, methods: proven.methods };
  return { candidate: { user: owned.user, tenant: inContext(owned.tenant), ...how }, proven };
}

/** What came of looking at an answer. */
interface Seen {
  proven: ProvenPasskey | null;
  /** It was right, and came from where the organisation lets nobody in. */
  outside: boolean;
  /** It was asked for here, of a passkey that is nobody's. */
  unknown: string | null;
}

async function look(
  context: Context,
  { visitor }: Sent,
  {
    answer,
    owned,
    lock,
  }: { answer: Answer<AuthenticationResponseJSON> | null; owned: OwnedPasskey | null; lock: Counter },
  seen: Seen,
): Promise<boolean> {
  // Before all else, or a wrong answer could be bettered.
  if (!answer || !(await takeChallenge(context, answer.challenge, aboutSignIn(visitor)))) return false;
  if (!owned) {
    seen.unknown = answer.response.id;
    return false;
  }
  const { passkey, user, tenant, policy } = owned;
  const shown = await shownBy(context, tenant, passkey, { answer, verified: true });
  // Asked without a name, it must say whose it is.
  const right = shown !== null && answer.response.response.userHandle === passkey.userHandle;
  if (!right || !(await opensAlone(context, owned, lock))) return false;
  seen.outside = await isShutOut(user, policy, context.ip);
  if (seen.outside) return false;
  seen.proven = await provenBy(context, { user, tenant: inContext(tenant) }, passkey, shown);
  return seen.proven !== null;
}

// As for the password: what no organisation owns is told to the operators, and of an account that is not active nobody is mailed.
async function tellOfRefusal(
  context: Context,
  owned: OwnedPasskey | null,
  outside: boolean,
  blockedUntil: number,
): Promise<void> {
  const home = owned?.tenant ?? (await Tenant.findOne({ where: { slug: PLATFORM_SLUG } }));
  if (!home) return;
  const { read } = context.services.database;
  if (owned && home.status === 'active' && (await isOpen(read, owned.user, context.now))) {
    const { user } = owned;
    if (outside) await tellOfOutsider(context, user, inContext(home));
    else await tellOfWrongProof(context, { user, tenant: inContext(home) }, 'passkey.failed', blockedUntil);
    return;
  }
  const target = owned ? { target: { type: 'user' as const, id: owned.user.id } } : {};
  const details = { reason: owned ? 'not active' : 'unknown passkey' };
  await recordRepeated(context, { event: 'sign-in.failed', tenantId: home.id, actorId: null, ...target, details });
}

// Each that nobody has is counted by itself, as if somebody had it.
function nobodysKey({ services }: Context, answer: Answer<AuthenticationResponseJSON> | null): string {
  return `codes/unknown-${services.keys.mac('throttle', `passkey ${answer?.response.id ?? ''}`)}`;
}

function aboutSignIn(visitor: string): string {
  return `sign-in of ${visitor}`;
}

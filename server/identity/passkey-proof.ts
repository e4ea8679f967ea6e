import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { Passkey } from '#models/passkey.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { inTransaction } from '#models/transaction.js';
import type { Method } from '#policies/authentication.js';
import type { Context, TenantInContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { underCodeLock, type CodeOwner, type WrongProof } from './code.js';
import { issueDisavowal } from './disavowal-link.js';
import { readAssertion, type Answer } from './passkey-answer.js';
import { takeChallenge } from './passkey-challenge.js';
import type { Ceremony } from './passkey-options.js';
import { noteUse, takeCount } from './passkey-use.js';
import { relyingPartyOf } from './relying-party.js';

const REFUSED: WrongProof = {
  field: '',
  message: 'This passkey was not accepted. Try again, or sign in another way.',
  event: 'passkey.failed',
  guessable: false,
};

/** What a passkey has shown. */
export interface ProvenPasskey {
  passkey: Passkey;
  shown: Shown;
  /** PIN, finger or face was given with it. */
  verified: boolean;
  methods: Method[];
}

/**
 * Proves that `given` is the answer of one of the user's passkeys to this asking, which is then over, whatever the answer is
 * worth. Counted with the codes. Throws `Invalid` or `TooMany`, and says of nothing why it was refused.
 */
export async function provePasskey(
  context: Context,
  owner: CodeOwner,
  given: string,
  ceremony: Ceremony,
): Promise<ProvenPasskey> {
  let proven: ProvenPasskey | null = null;
  const check = async (): Promise<boolean> => (proven = await look(context, owner, given, ceremony)) !== null;
  await underCodeLock(context, owner, check, REFUSED);
  if (proven === null) throw Invalid.field(REFUSED.field, REFUSED.message);
  return proven;
}

async function look(
  context: Context,
  { user, tenant }: CodeOwner,
  given: string,
  { about, verified }: Ceremony,
): Promise<ProvenPasskey | null> {
  const answer = readAssertion(given);
  // The library leaves it to us that a challenge is taken once: before all else, or a wrong answer could be bettered.
  if (!answer || !(await takeChallenge(context, answer.challenge, about))) return null;
  const passkey = await Passkey.findOne({
    where: { tenantId: user.tenantId, userId: user.id, credentialId: answer.response.id, suspendedAt: null },
  });
  const { userHandle } = answer.response.response;
  if (!passkey || (userHandle !== undefined && userHandle !== passkey.userHandle)) return null;
  const shown = await shownBy(context, tenant, passkey, { answer, verified });
  const proven = shown && (await provenBy(context, { user, tenant }, passkey, shown));
  return proven && (await noteUse(context, proven)) ? proven : null;
}

/** What an answer, whose challenge has been taken, shows of this passkey; null where it shows nothing. Notes nothing. */
export async function shownBy(
  context: Context,
  tenant: { slug: string; name: string },
  passkey: Passkey,
  { answer, verified }: { answer: Answer<AuthenticationResponseJSON>; verified: boolean },
): Promise<Shown | null> {
  const party = relyingPartyOf(context.services.config, tenant);
  if (passkey.rpId !== party?.id) return null;
  const shown = await verify(context, answer, passkey, { party, verified });
  // Whether it may be copied is part of what it is: another answer comes from another authenticator.
  return shown && (shown.credentialDeviceType === 'multiDevice') === passkey.synced ? shown : null;
}

/** What that proves, of which only the count is taken yet; null where it counts back, and the policy refuses that. */
export async function provenBy(
  context: Context,
  owner: CodeOwner,
  passkey: Passkey,
  shown: Shown,
): Promise<ProvenPasskey | null> {
  if (!(await takeCount(context, passkey, shown)) && !(await isLetPass(context, owner, passkey, shown))) return null;
  const kind = passkey.synced ? 'swk' : 'hwk';
  return {
    passkey,
    shown,
    verified: shown.userVerified,
    methods: [kind, 'user', ...(shown.userVerified ? (['mfa'] as const) : [])],
  };
}

export type Shown = NonNullable<Awaited<ReturnType<typeof verify>>>;

async function verify(
  { services, requestId }: Context,
  { response, challenge }: Answer<AuthenticationResponseJSON>,
  { credentialId, publicKey, rpId }: Passkey,
  { party, verified }: { party: { origin: string }; verified: boolean },
) {
  // Read when the first passkey is: nobody else waits for it, at start or after.
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
  try {
    const { verified: right, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: rpId,
      // A counter that went back is told of, and is no reason to shut somebody out: so it is looked at here and not there.
      credential: { id: credentialId, publicKey: Uint8Array.from(Buffer.from(publicKey, 'base64url')), counter: 0 },
      requireUserVerification: verified,
    });
    return right ? authenticationInfo : null;
  } catch (error) {
    services.log.info({ requestId, err: error instanceof Error ? error.message : '' }, 'a passkey was not accepted');
    return null;
  }
}

// Told in any case. One that is kept by one device alone has no reason to, but for a repair: where the policy says so, it is refused.
async function isLetPass(context: Context, owner: CodeOwner, passkey: Passkey, shown: Shown): Promise<boolean> {
  const { passkeyCounter } = await SecurityPolicy.of(passkey.tenantId);
  const refused = passkeyCounter === 'refuse' && !passkey.synced;
  // How far it had counted by then: another answer may have come just before.
  const now = await Passkey.findOne({ where: { tenantId: passkey.tenantId, id: passkey.id }, attributes: ['counter'] });
  if (!now) return false;
  const { name } = passkey;
  await tellOfCopy(context, owner, { name, counter: now.counter }, { counter: shown.newCounter, refused });
  return !refused;
}

// Two of them are in use, of which one was copied; which, nobody can tell.
async function tellOfCopy(
  context: Context,
  { user, tenant }: { user: CodeOwner['user']; tenant: TenantInContext },
  { name, counter }: Pick<Passkey, 'name' | 'counter'>,
  shown: { counter: number; refused: boolean },
): Promise<void> {
  const outcome = shown.refused
    ? 'It was refused, and opens nothing until it counts further than it did'
    : 'It was let in';
  await inTransaction(async () => {
    const variables = { ...(await issueDisavowal(context, user, 'passkey.counter-back')), passkey: name, outcome };
    await queueMail(context, { event: 'passkey-copied', to: user, tenant, variables });
    const target = { type: 'user', id: user.id } as const;
    const details = {
      name,
      counter: { from: counter, to: shown.counter },
      ...(shown.refused ? { refused: true } : {}),
    };
    await record(context, { event: 'passkey.counter-back', tenantId: tenant.id, actorId: null, target, details });
  });
}

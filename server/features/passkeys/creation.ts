import { Passkey } from '#models/passkey.js';
import type { SignedInContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { authenticatorName } from '#server/lib/authenticators.js';
import { clientLine } from '#server/lib/client.js';
import { readCreation } from '#server/identity/passkey-answer.js';
import { handleFrom, isOwnChallenge, newChallenge, takeChallenge } from '#server/identity/passkey-challenge.js';
import { PROMPT_MS } from '#server/identity/passkey-options.js';
import { relyingPartyOf, type RelyingParty } from '#server/identity/relying-party.js';

/** EdDSA, ES256 and RS256, in the order of preference: what every authenticator has one of. */
const ALGORITHMS = [-8, -7, -257];

/** What a browser is given to make a passkey with (WebAuthn's PublicKeyCredentialCreationOptionsJSON). */
export interface CreationOptions {
  challenge: string;
  rp: { id: string; name: string };
  user: { id: string; name: string; displayName: string };
  pubKeyCredParams: { alg: number; type: 'public-key' }[];
  timeout: number;
  attestation: 'none';
  excludeCredentials: { id: string; type: 'public-key'; transports?: string[] }[];
  authenticatorSelection: { residentKey: 'preferred'; userVerification: 'preferred' };
  extensions: { credProps: true };
}

/** The options for one more passkey of the caller; null where the portal has no name that one could be made for. */
export function creationOptions(context: SignedInContext, owned: readonly Passkey[]): CreationOptions | null {
  const { tenant, user, services } = context;
  const party = relyingPartyOf(services.config, tenant);
  if (!party) return null;
  const challenge = newChallenge(context, aboutCreation(context, owned.length === 0));
  return {
    challenge,
    rp: { id: party.id, name: party.name },
    // Never the id or the address: authenticators keep it, and show it to whoever asks them.
    user: { id: owned[0]?.userHandle ?? handleFrom(context, challenge), name: user.username, displayName: user.name },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ alg, type: 'public-key' })),
    timeout: PROMPT_MS,
    attestation: 'none',
    excludeCredentials: owned
      .filter(({ rpId }) => rpId === party.id)
      .map(({ credentialId, transports }) => ({
        id: credentialId,
        type: 'public-key',
        ...(transports === '' ? {} : { transports: transports.split(' ') }),
      })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    extensions: { credProps: true },
  };
}

/** The columns of a passkey that has been made, checked, and not kept yet. */
export type MadePasskey = Omit<Passkey['_creationAttributes'], 'tenantId' | 'userId' | 'createdAt'> & {
  verified: boolean;
};

/** What is sent of a passkey that has been made. */
export interface NewPasskey {
  name: string;
  credential: string;
  /** Its owner lets it stand for the password too, if it can. */
  signInAlone: boolean;
}

const REFUSED = 'This passkey could not be taken. Try again, or use another device.';
const STALE = 'This page was open for too long, or was sent twice. Press the button again.';

/**
 * Checks what an authenticator has made: for this very session, once, for our address. Changes nothing but that the asking is
 * over. Throws `Invalid`, which says no more than a person can use.
 */
export async function checkCreation(
  context: SignedInContext,
  { credential: given, name: named, signInAlone }: NewPasskey,
): Promise<MadePasskey> {
  const answer = readCreation(given);
  const party = relyingPartyOf(context.services.config, context.tenant);
  if (!answer || !party) throw Invalid.field('', REFUSED);
  const first = isOwnChallenge(context, answer.challenge, aboutCreation(context, true));
  if (!(await takeChallenge(context, answer.challenge, aboutCreation(context, first)))) throw Invalid.field('', STALE);
  const [other] = await Passkey.findAll({ where: { tenantId: context.tenant.id, userId: context.user.id }, limit: 1 });
  // Asked for as the first one, while another page made that: each user has one handle.
  if (first === (other !== undefined)) throw Invalid.field('', STALE);
  const made = await verify(context, answer, party);
  if (!made) throw Invalid.field('', REFUSED);
  const { credential, aaguid, userVerified, credentialDeviceType, credentialBackedUp } = made;
  return {
    rpId: party.id,
    credentialId: credential.id,
    userHandle: other?.userHandle ?? handleFrom(context, answer.challenge),
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    transports: (answer.response.response.transports ?? []).join(' '),
    aaguid,
    synced: credentialDeviceType === 'multiDevice',
    backedUp: credentialBackedUp,
    verified: userVerified,
    signInAlone: signInAlone && userVerified && isFoundByItself(answer),
    name: named === '' ? proposedName(context, aaguid) : named,
  };
}

async function verify(
  { services, requestId }: SignedInContext,
  { response, challenge }: NonNullable<ReturnType<typeof readCreation>>,
  party: RelyingParty,
) {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: false,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    return verified ? registrationInfo : null;
  } catch (error) {
    services.log.info({ requestId, err: error instanceof Error ? error.message : '' }, 'a new passkey was not taken');
    return null;
  }
}

// Where nobody has said who they are, a key answers that keeps its owner with it. It says of itself where it does not.
function isFoundByItself({ response }: NonNullable<ReturnType<typeof readCreation>>): boolean {
  return response.clientExtensionResults.credProps?.rk !== false;
}

function proposedName({ client }: SignedInContext, aaguid: string): string {
  return (authenticatorName(aaguid) ?? `Passkey made with ${clientLine(client)}`).slice(0, 60);
}

function aboutCreation({ session }: SignedInContext, first: boolean): string {
  return `${first ? 'the first passkey' : 'a passkey'} in ${session.id}`;
}

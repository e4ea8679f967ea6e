import type { Passkey } from '#models/passkey.js';
import type { Context } from '#server/context.js';
import { newChallenge } from './passkey-challenge.js';
import { relyingPartyOf } from './relying-party.js';

/** One asking for a passkey: what for, and whether PIN, finger or face is demanded with it. */
export interface Ceremony {
  about: string;
  verified: boolean;
}

/** What a browser is given to ask for a passkey with (WebAuthn's PublicKeyCredentialRequestOptionsJSON). */
export interface RequestOptions {
  challenge: string;
  rpId: string;
  timeout: number;
  userVerification: 'required' | 'discouraged';
  allowCredentials: { id: string; type: 'public-key'; transports?: string[] }[];
}

export const PROMPT_MS = 300_000;

/** Options that ask for one of these passkeys, or where there are none for any; null where the portal can have none. */
export function requestOptions(
  context: Context,
  tenant: { slug: string; name: string },
  { about, verified }: Ceremony,
  passkeys: readonly Passkey[],
): RequestOptions | null {
  const party = relyingPartyOf(context.services.config, tenant);
  if (!party) return null;
  return {
    challenge: newChallenge(context, about),
    rpId: party.id,
    timeout: PROMPT_MS,
    // Left to itself, a browser may come back without what is then demanded.
    userVerification: verified ? 'required' : 'discouraged',
    allowCredentials: passkeys.map(({ credentialId, transports }) => ({
      id: credentialId,
      type: 'public-key',
      ...(transports === '' ? {} : { transports: transports.split(' ') }),
    })),
  };
}

import type { Passkey } from '#models/passkey.js';
import type { UserContext } from '#server/context.js';
import { relyingPartyOf } from '#server/identity/relying-party.js';

/** What keeps the passkeys of a user is told which of them are good still (WebAuthn's AllAcceptedCredentialsOptions). */
export interface AcceptedPasskeys {
  rpId: string;
  userId: string;
  allAcceptedCredentialIds: string[];
}

/** Those of this address, suspended ones too: they may be put back. Null where there is none, and so no name to tell of. */
export function acceptedOf({ services, tenant }: UserContext, passkeys: readonly Passkey[]): AcceptedPasskeys | null {
  const party = relyingPartyOf(services.config, tenant);
  const own = passkeys.filter(({ rpId }) => rpId === party?.id);
  const [one] = own;
  return one
    ? { rpId: one.rpId, userId: one.userHandle, allAcceptedCredentialIds: own.map(({ credentialId }) => credentialId) }
    : null;
}

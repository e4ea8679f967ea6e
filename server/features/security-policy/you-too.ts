import { isPhishingResistant } from '#policies/authentication.js';
import type { SignedInContext, UserContext } from '#server/context.js';
import { hasSecondFactor } from '#server/identity/factor-kind.js';
import type { PolicyPreview } from './effects.js';

type Author = UserContext['user'];

/** Whether whoever makes a change must set up a second factor because of it. */
export function mustSetUpToo({ setUpBy, after }: Pick<PolicyPreview, 'setUpBy' | 'after'>, author: Author): boolean {
  return setUpBy !== null && !hasSecondFactor(after, author);
}

/** Whether whoever makes a change is asked for a passkey because of it, having signed in without. */
export function mustShowPasskeyToo(
  { passkeysBy }: Pick<PolicyPreview, 'passkeysBy'>,
  { session }: SignedInContext,
): boolean {
  return passkeysBy !== null && !isPhishingResistant(session.methods);
}

/** Whether a change hits whoever makes it: they are told before it is saved, also where they wanted no preview. */
export function hitsAuthor(found: PolicyPreview, context: SignedInContext): boolean {
  const passkey = found.ownPasskeysLack || mustShowPasskeyToo(found, context);
  return found.ownSessionEnds || found.ownPasswordExpires || passkey || mustSetUpToo(found, context.user);
}

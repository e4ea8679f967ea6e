import { hasSecondFactor } from '#policies/authentication.js';
import type { UserContext } from '#server/context.js';
import type { PolicyPreview } from './effects.js';

type Author = UserContext['user'];

/** Whether whoever makes a change must set up a second factor because of it. */
export function mustSetUpToo({ setUpBy, after }: Pick<PolicyPreview, 'setUpBy' | 'after'>, author: Author): boolean {
  return setUpBy !== null && !hasSecondFactor(after, author);
}

/** Whether a change hits whoever makes it: they are told before it is saved, also where they wanted no preview. */
export function hitsAuthor(found: PolicyPreview, author: Author): boolean {
  return found.ownSessionEnds || found.ownPasswordExpires || mustSetUpToo(found, author);
}

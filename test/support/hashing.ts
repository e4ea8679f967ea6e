import type { PasswordHasher, PasswordWork } from '#server/lib/password-hash.js';
import type { Portal } from './portal.js';

/** What the portal's password hasher has been asked for since. */
export interface Hashing {
  verified: number;
  /** Runs before each verification, while its place is held. */
  before: (() => Promise<void>) | undefined;
}

/** Counts what the portal hashes, without changing what comes of it. */
export function watchHashing({ services }: Portal): Hashing {
  const seen: Hashing = { verified: 0, before: undefined };
  const real = services.passwords;
  const watched = (work: PasswordWork): PasswordWork => ({
    hash: (password) => work.hash(password),
    verifyDummy: (password) => work.verifyDummy(password),
    async verify(hash, password) {
      seen.verified += 1;
      await seen.before?.();
      return work.verify(hash, password);
    },
  });
  services.passwords = {
    ...watched(real),
    needsRehash: (hash) => real.needsRehash(hash),
    slot: (fn, asker) => real.slot((held) => fn(watched(held)), asker),
  } satisfies PasswordHasher;
  return seen;
}

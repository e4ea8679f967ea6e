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
  services.passwords = verifyingBy(services.passwords, async (hash, password, work) => {
    seen.verified += 1;
    await seen.before?.();
    return work.verify(hash, password);
  });
  return seen;
}

// What argon2 has said of a hash and a password in this process.
const said = new Map<string, Promise<boolean>>();

/**
 * The same hasher, places and line and all, which does not work out a second time what argon2 says of a hash and a
 * password: it says the same each time. The cast has one password and signs in at each turn of each test, and to check it
 * would be a fifth of all that the tests cost. Who asks how long it takes makes a hasher of their own.
 */
export function verifyingOnce(passwords: PasswordHasher): PasswordHasher {
  return verifyingBy(passwords, (hash, password, work) => {
    if (hash === null) return work.verify(hash, password);
    const key = JSON.stringify([hash, password]);
    let answer = said.get(key);
    if (!answer) {
      answer = work.verify(hash, password);
      said.set(key, answer);
      answer.catch(() => said.delete(key));
    }
    return answer;
  });
}

type Verify = (hash: string | null, password: string, work: PasswordWork) => Promise<boolean>;

function verifyingBy(real: PasswordHasher, verify: Verify): PasswordHasher {
  const through = (work: PasswordWork): PasswordWork => ({
    hash: (password) => work.hash(password),
    verifyDummy: (password) => work.verifyDummy(password),
    verify: (hash, password) => verify(hash, password, work),
  });
  return {
    ...through(real),
    needsRehash: (hash) => real.needsRehash(hash),
    slot: (fn, asker) => real.slot((held) => fn(through(held)), asker),
  };
}

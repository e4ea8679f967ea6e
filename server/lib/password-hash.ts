import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash as argonHash, parseOptions, verify as argonVerify, type ParsedHashOptions } from '@node-rs/argon2';
import { GoingWith } from './going-with.js';
import { createPlaces, demandAtLeast, type Asker } from './places.js';

/** What one hashing costs (argon2id, RFC 9106; memory in KiB), how many may happen at once, and how many wait. */
export interface PasswordHasherOptions {
  readonly memoryCost?: number;
  readonly timeCost?: number;
  readonly parallelism?: number;
  readonly concurrency?: number;
  readonly queue?: number;
}

/** The work itself. Each takes a place and may throw HasherBusy, unless it is called while one is held. */
export interface PasswordWork {
  /** The PHC string to keep. Throws RangeError for a password that no rule lets through: empty, over 128 code points, half a character. */
  hash(password: string): Promise<string>;
  /** Whether the password is the one that was hashed. Without a usable hash it takes as long and is false. */
  verify(hash: string | null, password: string): Promise<boolean>;
  /** As long as a real verification, for an account that does not exist. */
  verifyDummy(password: string): Promise<false>;
}

// Who has proven something already, and is not told apart.
const KNOWN: Asker = { known: true, path: [''] };

export interface PasswordHasher extends PasswordWork {
  /** Whether this hash was made with other parameters than today's (or is none): hash again at the next good sign-in. */
  needsRehash(hash: string): boolean;
  /** Runs `fn` while holding one place; its verifications, by the handle or by the hasher, use that place, one after another. */
  slot<T>(fn: (held: PasswordWork) => Promise<T>, asker?: Asker): Promise<T>;
}

/** Every place is taken and the queue is full: answer 503 and ask to try again. */
export class HasherBusy extends Error {
  override name = 'HasherBusy';
  override message = 'Too many passwords are being checked at once: try again in a moment.';
}

/** How many hashings to run at once: no more than cores, and two threads of libuv's pool stay free for the database and the files. */
export function hashingPlaces(cores: number = availableParallelism(), poolThreads = 4): number {
  return Math.max(1, Math.min(cores, poolThreads - 2));
}

/** KiB × passes, 21 times the default. A corrupt row that asks for more would hold a thread for minutes, or all memory. */
const MOST_WORK = 2 ** 22;
const MAX_CODE_POINTS = 128;
const ARGON2ID = '$argon2id$v=19$'; // the default of the package
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Hashes and verifies passwords, all spelt in NFKC first. Throws below the floor of 19 MiB, two passes, one lane. */
export function createPasswordHasher(options: PasswordHasherOptions = {}): PasswordHasher {
  const { memoryCost = 65_536, timeCost = 3, parallelism = 1, concurrency = hashingPlaces(), queue = 64 } = options;
  const cost = { memoryCost, timeCost, parallelism };
  // OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
  demandAtLeast(19_456, 'memoryCost', memoryCost);
  demandAtLeast(2, 'timeCost', timeCost);
  demandAtLeast(1, 'parallelism', parallelism);
  if (memoryCost * timeCost > MOST_WORK) throw new RangeError('Password hashing: memoryCost × timeCost is too much.');
  const takePlace = createPlaces(concurrency, queue, () => new HasherBusy());

  // Nobody knows the password of a random digest, and unlike a hash of something it costs no time to make.
  const phcBytes = (count: number): string => randomBytes(count).toString('base64').replace(/=+$/, '');
  const dummy = `${ARGON2ID}m=${memoryCost},t=${timeCost},p=${parallelism}$${phcBytes(SALT_BYTES)}$${phcBytes(HASH_BYTES)}`;

  const work: PasswordWork = {
    async hash(password) {
      const text = hashable(password);
      if (text === null || text === '') throw new RangeError('This password cannot be hashed: check its rules first.');
      return argonHash(text, { ...cost, outputLen: HASH_BYTES });
    },
    async verify(hash, password) {
      const text = hashable(password);
      if (hash !== null && text !== null && parsed(hash) !== null) return argonVerify(hash, text);
      return work.verifyDummy(password);
    },
    async verifyDummy(password) {
      await argonVerify(dummy, hashable(password) ?? '');
      return false;
    },
  };

  async function slot<T>(fn: (held: PasswordWork) => Promise<T>, asker = KNOWN): Promise<T> {
    // To wait for a second place while holding one is how two sign-ins would wait for each other for ever.
    const outer = holding.get();
    if (outer?.isOf(work)) return fn(outer);
    const givePlaceBack = await takePlace(asker);
    const held = holdPlace(work);
    try {
      return await holding.run(held, () => fn(held));
    } finally {
      await held.close();
      givePlaceBack();
    }
  }

  return {
    hash: (password) => slot((held) => held.hash(password)),
    verify: (hash, password) => slot((held) => held.verify(hash, password)),
    verifyDummy: (password) => slot((held) => held.verifyDummy(password)),
    needsRehash(hash) {
      const made = parsed(hash);
      if (made === null) return true;
      const sameCost = made.memoryCost === memoryCost && made.timeCost === timeCost && made.parallelism === parallelism;
      return !sameCost || made.outputLen < HASH_BYTES || made.saltLen < SALT_BYTES;
    },
    slot,
  };
}

// One for all hashers: each costs every promise of the process a little while it is in use.
const holding = new GoingWith<HeldPlace>();

interface HeldPlace extends PasswordWork {
  /** Whether it is still held, of the hasher that does this work. */
  isOf(work: PasswordWork): boolean;
  close(): Promise<void>;
}

/** One place is one hashing at a time, even for a caller that asks for several together. */
function holdPlace(work: PasswordWork): HeldPlace {
  let open = true;
  let last: Promise<unknown> = Promise.resolve();
  async function inTurn<T>(fn: () => Promise<T>): Promise<T> {
    if (!open) throw new Error('This place was given back: use the hasher, or await inside the slot.');
    const turn = last.then(fn);
    last = turn.catch(() => undefined);
    return turn;
  }
  return {
    hash: (password) => inTurn(() => work.hash(password)),
    verify: (hash, password) => inTurn(() => work.verify(hash, password)),
    verifyDummy: (password) => inTurn(() => work.verifyDummy(password)),
    isOf: (asked) => open && asked === work,
    async close() {
      open = false;
      await last;
    },
  };
}

/** The text that is hashed, or null where none may be. The first look keeps a huge text from being normalised. */
function hashable(password: string): string | null {
  if (password.length > MAX_CODE_POINTS * 8) return null;
  const text = password.normalize('NFKC');
  // Every lone surrogate becomes the same U+FFFD in UTF-8: different passwords would match.
  return Array.from(text).length > MAX_CODE_POINTS || /\p{Cs}/u.test(text) ? null : text;
}

/** What a hash says of itself, or null when it is none of ours or asks for too much. */
function parsed(hash: string): ParsedHashOptions | null {
  if (!hash.startsWith(ARGON2ID)) return null;
  try {
    const made = parseOptions(hash);
    return made.memoryCost * made.timeCost > MOST_WORK ? null : made;
  } catch {
    return null;
  }
}

import { createRequire } from 'node:module';
import type * as Core from '@zxcvbn-ts/core';
import type * as Common from '@zxcvbn-ts/language-common';
import type * as English from '@zxcvbn-ts/language-en';

// Loaded by the first password that is set, not at start: the list costs 3 MB, the estimator 40 more (resident).
const require = createRequire(import.meta.url);

/** zxcvbn's time grows with the square of the length: 256 characters took half a second. */
const SCORED_CHARACTERS = 64;
/** At its default of 100, "1" sixty-four times over held the process for 230 ms; at 8 the worst found is below 40. */
const LEET_VARIANTS = 8;
const LONGEST_REPEATED_SCRAP = 4;

/**
 * Whether a password is one of the 49,000 most used ones (the list of zxcvbn-ts), in any case, or is made of nothing
 * else: one of them or a scrap repeated, two of them joined, a run such as "abcdefgh", and any of these with the
 * usual ending (a year, up to three digits, up to two symbols). Without that the list would say little to people who
 * must use 15 characters: it holds 41 so long. The whole password is compared, never a part (NIST SP 800-63B-4, 3.1.1.2).
 */
export function isCommonPassword(password: string): boolean {
  const text = password.normalize('NFKC').toLowerCase();
  const stem = text.replace(/(?:(?:19|20)\d\d|\d{1,3})?[^\p{L}\p{N}]{0,2}$/u, '');
  return isMadeOfListed(text) || (stem.length >= 4 && isMadeOfListed(stem));
}

/** How hard a password is to guess: 0 (at once) to 4 (very hard), as zxcvbn sees its first 64 characters, with these names known to the attacker. */
export function passwordScore(password: string, names: readonly string[]): 0 | 1 | 2 | 3 | 4 {
  estimator ??= createEstimator();
  const text = Array.from(password.normalize('NFKC')).slice(0, SCORED_CHARACTERS).join('');
  return estimator.check(text, [...names, 'gatehouse']).score;
}

function isMadeOfListed(text: string): boolean {
  return isListed(text) || isRun(text) || isRepeated(text) || isTwoListed(text);
}

function isRun(text: string): boolean {
  if (text.length < 4) return false;
  const step = text.charCodeAt(1) - text.charCodeAt(0);
  if (Math.abs(step) !== 1) return false;
  for (let at = 1; at < text.length; at += 1) {
    if (text.charCodeAt(at) - text.charCodeAt(at - 1) !== step) return false;
  }
  return true;
}

function isRepeated(text: string): boolean {
  for (let unit = 1; unit <= text.length / 2; unit += 1) {
    // Equal to itself moved on by one unit: the last repetition may be cut short.
    if (!text.startsWith(text.slice(unit))) continue;
    return unit <= LONGEST_REPEATED_SCRAP || isListed(text.slice(0, unit));
  }
  return false;
}

function isTwoListed(text: string): boolean {
  for (let at = 3; at <= text.length - 3; at += 1) {
    if (isListed(text.slice(0, at)) && isListed(text.slice(at))) return true;
  }
  return false;
}

interface ListedPasswords {
  readonly words: readonly string[];
  /** Open addressing: place in `words` plus one, 0 where empty. Half a megabyte; a Set of the same words took 1.3. */
  readonly slots: Uint32Array;
}

let listed: ListedPasswords | undefined;
let estimator: Core.ZxcvbnFactory | undefined;

function isListed(text: string): boolean {
  listed ??= indexWords(loadCommon().dictionary['passwords-common']);
  return listed.slots[slotOf(text, listed)] !== 0;
}

/** Points into the package's own array instead of copying it: the list is in memory once, for the estimator too. */
function indexWords(words: readonly string[]): ListedPasswords {
  const index: ListedPasswords = { words, slots: new Uint32Array(2 ** Math.ceil(Math.log2(words.length * 2))) };
  words.forEach((word, place) => (index.slots[slotOf(word, index)] = place + 1));
  return index;
}

/** The slot that holds this text, or the empty one where it would be. */
function slotOf(text: string, { words, slots }: ListedPasswords): number {
  let hash = 0x811c9dc5; // FNV-1a
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  let slot = hash & (slots.length - 1);
  for (;;) {
    const place = slots[slot] ?? 0;
    if (place === 0 || words[place - 1] === text) return slot;
    slot = (slot + 1) & (slots.length - 1);
  }
}

function createEstimator(): Core.ZxcvbnFactory {
  const { ZxcvbnFactory } = require('@zxcvbn-ts/core') as typeof Core;
  const english = require('@zxcvbn-ts/language-en') as typeof English;
  const common = loadCommon();
  return new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    l33tMaxSubstitutions: LEET_VARIANTS,
  });
}

function loadCommon(): typeof Common {
  return require('@zxcvbn-ts/language-common') as typeof Common;
}

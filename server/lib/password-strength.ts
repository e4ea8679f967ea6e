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

let listed: ReadonlySet<string> | undefined;
let estimator: Core.ZxcvbnFactory | undefined;

function isListed(text: string): boolean {
  listed ??= new Set(loadCommon().dictionary['passwords-common']);
  return listed.has(text);
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

import { soughtName } from '#policies/names.js';
import type { Read } from './database.js';

/** Finding users by what was typed: words, and the three letters side by side that an index knows them by. */

const MOST_WORDS = 5;

/** Each word must be found, in whatever order: "okafor olivia" finds Olivia Okafor. */
export function wordsOf(typed: string): string[] {
  return soughtName(typed).split(' ').filter(Boolean).slice(0, MOST_WORDS);
}

/** Those of them that an index of three letters side by side knows. */
export function longWords(words: readonly string[]): string[] {
  return words.filter((word) => [...word].length >= 3);
}

/** What SQLite's index is asked for these words: three letters each, side by side, the last against the end of the word. Null: too short. */
export function lettersOf(words: readonly string[]): string | null {
  const trigrams = words.flatMap((word) => {
    const letters = [...word];
    const last = letters.length - 3;
    const begins = letters.map((_letter, at) => at).filter((at) => at === last || (at < last && at % 3 === 0));
    return begins.map(
      (at) =>
        `"${letters
          .slice(at, at + 3)
          .join('')
          .replaceAll('"', '""')}"`,
    );
  });
  return trigrams.length === 0 ? null : [...new Set(trigrams)].join(' AND ');
}

/** The users `u` that the index names for these letters, in place of `FROM users u`: all that match, and some that do not. */
export function fromLetters(place: string): string {
  // CROSS JOIN: in this very order.
  return `FROM (SELECT rowid AS place FROM user_trigrams WHERE user_trigrams MATCH ${place}) found
    CROSS JOIN user_places place ON place.place = found.place CROSS JOIN users u ON u.id = place.id`;
}

/** The same without their rows: `u` has what lists filter and sort by, close together. */
export function fromPlaces(place: string): string {
  return `FROM (SELECT rowid AS place FROM user_trigrams WHERE user_trigrams MATCH ${place}) found
    CROSS JOIN user_places u ON u.place = found.place`;
}

const MOST_BEGUN = 400;

/** The same question for words of one or two letters: all three letters that begin with them. Null: too many. */
export async function shortLettersOf(read: Read, words: readonly string[]): Promise<string | null> {
  const asked: string[] = [];
  for (const word of words) {
    const terms = await read(BEGUN, [word, `${word}\u{10ffff}`]);
    if (terms.length > MOST_BEGUN) return null;
    // An empty phrase finds nobody.
    const phrases = terms.length === 0 ? [''] : terms.map(({ term }) => String(term));
    asked.push(`(${phrases.map((phrase) => `"${phrase.replaceAll('"', '""')}"`).join(' OR ')})`);
  }
  return asked.join(' AND ');
}

const BEGUN = `SELECT term FROM user_trigrams_there WHERE term >= $1 AND term < $2 LIMIT ${MOST_BEGUN + 1}`;

/** The same of what lets programs in: the rows `c` of this table, the newest first; of very many only those. */
export function fromCredentialLetters(table: string, place: string, most?: number): string {
  const limited = most === undefined ? '' : ` ORDER BY rowid DESC LIMIT ${most}`;
  return `FROM (SELECT rowid AS place FROM credential_trigrams WHERE credential_trigrams MATCH ${place}${limited}) found
    CROSS JOIN credential_places place ON place.place = found.place CROSS JOIN ${table} c ON c.id = place.found_id`;
}

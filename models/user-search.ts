import { soughtName } from '#policies/names.js';

/** Finding users by what was typed: words, and the three letters side by side that an index knows them by. */

const MOST_WORDS = 5;

/** Each word must be found, in whatever order: "okafor olivia" finds Olivia Okafor. */
export function wordsOf(typed: string): string[] {
  return soughtName(typed).split(' ').filter(Boolean).slice(0, MOST_WORDS);
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
    CROSS JOIN user_places place ON place.place = found.place CROSS JOIN users u ON u.id = place.found_id`;
}

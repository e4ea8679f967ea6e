import { soughtName } from '#policies/names.js';
import type { Read } from './database.js';
import type { Order } from './paging.js';

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

/** The narrow tables of what people are put in order by, each by the last column of `users u` that tells: as it begins. */
const BEGINNINGS: Readonly<Record<string, string>> = {
  'u.name_key': 'user_sort_names',
  'u.username_key': 'user_sort_usernames',
  'u.email_key': 'user_sort_emails',
};

/**
 * Where the first so many in this order stand, of all whom the index names for the letters at $place: a WITH for it, those whose keys
 * begin as theirs do, and all, `u` as above, in place of `fromPlaces`. Null: of another order no beginnings are kept.
 */
export function fromBeginnings(
  { columns, descending }: Order,
  place: number,
  most: number,
): { begun: string; first: string; all: string } | null {
  // Who has the same of it stands by their id: that is looked at afterwards.
  const telling = columns.filter((column) => column !== 'u.id');
  const table = BEGINNINGS[telling.at(-1) ?? ''];
  if (table === undefined) return null;
  const kept = telling.map((column) => (column === 'u.status' ? 'status' : 'begins'));
  const [keys, by] = [kept.join(', '), kept.map((key) => `${key} ${descending ? 'DESC' : 'ASC'}`).join(', ')];
  const all = 'FROM near CROSS JOIN user_places u ON u.place = near.place';
  return {
    begun: `WITH near AS MATERIALIZED (
      SELECT n.place, ${kept.map((key) => `n.${key}`).join(', ')}
      FROM (SELECT rowid AS place FROM user_trigrams WHERE user_trigrams MATCH $${place}) found
      CROSS JOIN ${table} n ON n.place = found.place
    ), until AS MATERIALIZED (SELECT ${keys} FROM near ORDER BY ${by} LIMIT 1 OFFSET ${most - 1})`,
    first: `${all} AND (${kept.map((key) => `near.${key}`).join(', ')}) ${descending ? '>=' : '<='} (SELECT ${keys} FROM until)`,
    all,
  };
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

/**
 * Whether somebody who wrote this may have meant one of these words: in another case, with signs around it, as one of several,
 * with so many letters wrong as the word allows.
 */
export function means(written: string, words: Readonly<Record<string, number>>): boolean {
  // `&amp;role`, `organization[]`, `organization_id`, `roleNames`.
  const bare = written
    .toLowerCase()
    .replace(/^amp;/, '')
    .replace(/[^a-z]/g, '')
    .replace(/(?<=.)(id|name|slug)s?$/, '')
    .replace(/s$/, '');
  return Object.entries(words).some(([word, wrong]) => apart(bare, word) <= wrong);
}

// How many letters are to be put in, taken out or exchanged (Levenshtein).
function apart(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [at, letter] of [...one.slice(0, 40)].entries()) {
    const next = [at + 1];
    for (let to = 1; to <= other.length; to += 1) {
      const same = letter === other[to - 1] ? 0 : 1;
      next.push(Math.min((next[to - 1] ?? 0) + 1, (row[to] ?? 0) + 1, (row[to - 1] ?? 0) + same));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

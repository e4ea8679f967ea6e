import type { Row } from '#models/database.js';
import type { PutOff, Subject } from './finding.js';

/** What checks read: whose `item` it is, an id, a name and a number; each check knows what its own mean. */
export const COLUMNS = ['item', 'id', 'name', 'number'] as const;

/** The rows of a check-up, by what they are about. */
export class Facts {
  readonly #rows: readonly Row[];

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
  }

  /** The rows of one item. */
  of(item: string): { id: string; name: string; number: number }[] {
    return this.#rows
      .filter((row) => row['item'] === item)
      .map((row) => ({ id: String(row['id']), name: String(row['name']), number: Number(row['number']) }));
  }

  /** The number of an item that has one; null where it has no row. */
  number(item: string): number | null {
    return this.of(item)[0]?.number ?? null;
  }

  /** The names of an item, each with the page that its id leads to. */
  subjects(item: string, hrefOf: (id: string) => string | null): Subject[] {
    return this.of(item).map(({ id, name }) => ({ name, href: hrefOf(id) }));
  }

  /** What the reader has put off. */
  get putOff(): PutOff {
    return new Map(this.of('put-off').map(({ id, name, number }) => [id, { since: Number(name), until: number }]));
  }
}

/** What a reader has put off; `user` and `now` are the places of their values. */
export function putOffBy(user: string, now: string): string {
  return `SELECT 'put-off', p.item, CAST(p.created_at AS TEXT), p.ends_at FROM checkup_postponements p
WHERE p.tenant_id = $1 AND p.user_id = ${user} AND p.ends_at > ${now}`;
}

/** Several checks as one text. Of the first the columns have their names. */
export function together(checks: readonly string[]): string {
  const named = checks.map((sql, at) => `SELECT * FROM (${sql}) AS check${at}`).join('\nUNION ALL\n');
  return `SELECT ${COLUMNS.join(', ')} FROM (SELECT '' AS item, '' AS id, '' AS name, CAST(0 AS BIGINT) AS number WHERE 1 = 0
UNION ALL
${named}) AS facts`;
}

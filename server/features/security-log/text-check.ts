import { holdsAlike } from '#models/alike.js';
import type { Database } from '#models/database.js';
import { holds, type Put } from '#models/paging.js';

/** A text, the names of the details that it may be about, and the ids of what it may name. */
export type Sought = { pattern: string; keys: readonly string[]; things?: readonly string[] };

/** That a row tells of it. */
export function textCheck(dialect: Database['dialect'], { pattern, keys, things = [] }: Sought, put: Put): string {
  // As it stands in the JSON, where quotation marks have a stroke before them.
  const json = JSON.stringify(pattern).slice(1, -1);
  const either = [
    holdsAlike({ dialect }, 'details', json, put),
    holdsAlike({ dialect }, 'client', json, put),
    holds('details', json, put),
    holds('ip', pattern.toLowerCase(), put),
    ...[...keys, ...things].map((one) => holds('details', `"${one}"`, put)),
  ];
  return `(${either.join(' OR ')})`;
}

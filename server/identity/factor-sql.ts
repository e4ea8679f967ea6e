import type { Database } from '#models/database.js';
import { amongFew } from '#models/user-standing.js';
import { lastingKinds, type AskingPolicy, type FactorKind } from './factor-kind.js';

/** What lists, the check-up and previews ask of users `u` of the tenant $1 about second factors, made of the kinds there are. */

/** What must be true of the policy for this kind to count. */
const counts = ({ askedWhere }: FactorKind): string[] =>
  askedWhere === null ? [] : [`EXISTS (SELECT 1 FROM security_policies p WHERE p.tenant_id = $1 AND ${askedWhere})`];

/** The ids of those who have this kind, where it counts; null where a column of theirs says it. */
const countingHolders = (kind: FactorKind): string | null =>
  kind.holders === null ? null : [kind.holders, ...counts(kind)].join(' AND ');

/** Has a second factor that counts: of a kind that the policy lets be one. For lists by what triggers keep of it, where they do. */
export function withSecondFactor({ asKept } = { asKept: false }): string {
  return anyOf(
    lastingKinds().map((kind) => {
      const held = asKept && kind.keptAs !== null ? `u.${kind.keptAs}` : kind.held;
      return kind.askedWhere === null ? held : `(${[...counts(kind), held].join(' AND ')})`;
    }),
  );
}

/** The same, to find all of them: from those who have a kind that few may have. */
export function someWithSecondFactor(dialect: Database['dialect']): string {
  return anyOf(
    lastingKinds().map((kind) => {
      const holders = countingHolders(kind);
      if (holders === null) return kind.held;
      // PostgreSQL knows how many that are, and finds them by the index of those without an app, or goes past everybody to the
      // first of many. SQLite would read the rows of all who have none.
      return dialect === 'postgres' && kind.keptAs !== null
        ? `(${[...counts(kind), `u.two_factor <> 'active' AND u.${kind.keptAs}`].join(' AND ')})`
        : amongFew(dialect, holders);
    }),
  );
}

/** Has one that would count under this policy. */
export function withFactorUnder(policy: AskingPolicy): string {
  return anyOf(
    lastingKinds()
      .filter(({ asked }) => asked(policy))
      .map(({ held }) => held),
  );
}

/** How many active people of the tenant $1 have a second factor that counts, and no app: as `found`. */
export function countOthersThanApp(): string {
  const others = lastingKinds().filter(({ holders }) => holders !== null);
  const kept = others.filter(({ keptAs }) => keptAs !== null);
  const PERSON = (row: string): string =>
    `${row}.tenant_id = $1 AND ${row}.status = 'active' AND ${row}.kind = 'person' AND ${row}.two_factor <> 'active'`;
  const said = (row: string): string =>
    anyOf(kept.map((kind) => [`${row}.${kind.keptAs ?? ''}`, ...counts(kind)].join(' AND ')));
  const looked = others.filter((kind) => !kept.includes(kind)).flatMap((kind) => countingHolders(kind) ?? []);
  // What is kept beside the users is counted; the others are looked for among all who have them.
  const parts = [
    ...(kept.length === 0
      ? []
      : [`SELECT COALESCE(SUM(c.people), 0) AS people FROM user_counts c WHERE ${PERSON('c')} AND ${said('c')}`]),
    ...(looked.length === 0
      ? []
      : [
          `SELECT COUNT(DISTINCT f.user_id) AS people FROM (${looked.join(' UNION ALL ')}) AS f JOIN users u ON u.id = f.user_id
WHERE ${PERSON('u')}${kept.length === 0 ? '' : ` AND NOT ${said('u')}`}`,
        ]),
  ];
  return parts.length === 0
    ? 'SELECT 0 AS found'
    : `SELECT SUM(people) AS found FROM (${parts.join('\nUNION ALL\n')}) AS each_kind`;
}

function anyOf(conditions: readonly string[]): string {
  return `(${conditions.join(' OR ')})`;
}

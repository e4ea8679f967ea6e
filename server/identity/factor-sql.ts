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

/** Has a second factor that counts: of a kind that the policy lets be one. */
export function withSecondFactor(): string {
  return anyOf(
    lastingKinds().map((kind) =>
      kind.askedWhere === null ? kind.held : `(${[...counts(kind), kind.held].join(' AND ')})`,
    ),
  );
}

/** The same, to find all of them: from those who have a kind that few may have. */
export function someWithSecondFactor(dialect: Database['dialect']): string {
  return anyOf(
    lastingKinds().map((kind) => {
      const holders = countingHolders(kind);
      return holders === null ? kind.held : amongFew(dialect, holders);
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

/** The ids of those who have one that counts, and no app; of one user perhaps several times. */
export function withOthersThanApp(): string {
  return lastingKinds()
    .map(countingHolders)
    .filter((holders) => holders !== null)
    .join(' UNION ALL ');
}

function anyOf(conditions: readonly string[]): string {
  return `(${conditions.join(' OR ')})`;
}

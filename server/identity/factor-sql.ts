import type { Database } from '#models/database.js';
import { amongFew } from '#models/user-standing.js';
import { lastingKinds, type AskingPolicy } from './factor-kind.js';

/** What lists, the check-up and previews ask of users `u` of the tenant $1 about second factors, made of the kinds there are. */

const used = (askedWhere: string | null): string =>
  askedWhere === null ? '' : `EXISTS (SELECT 1 FROM security_policies p WHERE p.tenant_id = $1 AND ${askedWhere}) AND `;

/** Has a second factor that counts: of a kind that the policy lets be one. */
export function withSecondFactor(): string {
  return anyOf(
    lastingKinds().map(({ held, askedWhere }) => (askedWhere === null ? held : `(${used(askedWhere)}${held})`)),
  );
}

/** The same, to find all of them: from those who have a kind that few may have. */
export function someWithSecondFactor(dialect: Database['dialect']): string {
  return anyOf(
    lastingKinds().map(({ held, holders, askedWhere }) =>
      holders === null
        ? held
        : amongFew(
            dialect,
            askedWhere === null ? holders : `${holders} AND ${used(askedWhere).slice(0, -' AND '.length)}`,
          ),
    ),
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
  const others = lastingKinds().flatMap(({ holders, askedWhere }) =>
    holders === null
      ? []
      : [askedWhere === null ? holders : `${holders} AND ${used(askedWhere).slice(0, -' AND '.length)}`],
  );
  return others.join(' UNION ALL ');
}

function anyOf(conditions: readonly string[]): string {
  return `(${conditions.join(' OR ')})`;
}

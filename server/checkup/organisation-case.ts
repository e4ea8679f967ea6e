import { can } from '#policies/can.js';
import type { PasswordRules } from '#policies/password.js';
import type { Permission } from '#policies/permissions.js';
import type { TenantContext } from '#server/context.js';
import { COUNTED, type Found } from './finding.js';
import type { Facts } from './rows.js';

/** What the checks of an organisation look at. */
export interface OrganisationCase {
  context: TenantContext;
  facts: Facts;
  rules: PasswordRules;
}

/** One look at an organisation: what it found, if anything. */
export type OrganisationCheck = (one: OrganisationCase) => Found | undefined;

/** How many of an item there are. */
export function countOf({ facts }: OrganisationCase, item: Found['item']): number {
  return facts.number(item) ?? 0;
}

/** So many of something, in words: "One user has", "1,000+ users have". */
export function many(count: number, one: string, several: string): string {
  if (count === 1) return `One ${one}`;
  return `${count > COUNTED ? `${COUNTED.toLocaleString('en-GB')}+` : count.toLocaleString('en-GB')} ${several}`;
}

/** What the one next step is called: for who may see it done and not do it, no more than a look. */
export function stepOf(
  { context: { actor } }: OrganisationCase,
  [needed, doing, looking]: readonly [needed: Permission, doing: string, looking: string],
  href: string,
): Found['step'] {
  return { label: can(actor, needed) ? doing : looking, href };
}

/** The page of a user. */
export function pageOfUser(id: string): string {
  return `/admin/users/${id}`;
}

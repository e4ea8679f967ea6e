import type { SecurityPolicy } from './security-policy.js';
import { POLICY_FIELDS, type PolicyField } from './settings.js';

/** What one value of a policy was, and is now. */
export interface PolicyDifference {
  field: PolicyField | 'preset';
  from: string | number | boolean;
  to: string | number | boolean;
}

/** What is not the same in both, in the order in which it is shown. */
export function differencesBetween(before: SecurityPolicy, after: SecurityPolicy): PolicyDifference[] {
  return (['preset', ...POLICY_FIELDS] as const)
    .filter((field) => before[field] !== after[field])
    .map((field) => ({ field, from: before[field], to: after[field] }));
}

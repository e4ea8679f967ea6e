import type { PolicyDifference } from '#policies/policy-difference.js';

/** Differences as the log has them. */
export function inDetails(differences: readonly PolicyDifference[]): Record<string, { from: unknown; to: unknown }> {
  return Object.fromEntries(differences.map(({ field, from, to }) => [field, { from, to }]));
}

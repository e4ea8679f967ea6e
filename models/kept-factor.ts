import { id, reference, table, text, time } from './columns.js';

/** The factors of a user as they were before an administrator took one away: sealed, until their owner can no longer put them back. */
export class KeptFactor extends table('kept_factors', {
  id,
  tenantId: reference,
  userId: reference,
  sealedFactors: text,
  createdAt: time,
  expiresAt: time,
}) {}

/** Whose factors they are: sealed in with them. */
export function aboutKeptFactors({ id, userId }: Pick<KeptFactor, 'id' | 'userId'>): string {
  return `kept-factors/${userId}/${id}`;
}

import { STANDING_MOVES } from '#policies/enumerations.js';
import { id, of, optionalReference, reference, table, time } from './columns.js';

/** That somebody got or lost what changes things of others; kept for as long as it counts. */
export class StandingMove extends table('standing_moves', {
  id,
  tenantId: reference,
  /** Null where it was the policy that moved. */
  userId: optionalReference,
  kind: of(STANDING_MOVES),
  at: time,
}) {}

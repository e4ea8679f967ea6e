import { count, id, optionalTime, reference, table, text, time } from './columns.js';

/** A browser that is not asked for a code again for some days, where the policy allows that. */
export class RememberedBrowser extends table('remembered_browsers', {
  id,
  tenantId: reference,
  userId: reference,
  tokenHash: text,
  /** The user's epoch then: any change of factor or password moves it on, and this is void. */
  epoch: count,
  client: text,
  ip: text,
  createdAt: time,
  expiresAt: time,
  lastUsedAt: time,
  endedAt: optionalTime,
}) {}

import { key, reference, table, text, time } from './columns.js';

/** That a user has signed in with this browser before: it gets a counter of failures of its own, and no "new browser" mail. */
export class KnownBrowser extends table('known_browsers', {
  tenantId: reference,
  userId: key(reference),
  browserHash: key(text),
  createdAt: time,
  lastUsedAt: time,
}) {}

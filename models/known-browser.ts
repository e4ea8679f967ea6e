import { hashToken } from '#server/lib/random-token.js';
import { key, reference, table, text, time } from './columns.js';

/** That a user has signed in with this browser before: it gets a counter of failures of its own, and no "new browser" mail. */
export class KnownBrowser extends table('known_browsers', {
  tenantId: reference,
  userId: key(reference),
  browserHash: key(text),
  createdAt: time,
  lastUsedAt: time,
}) {
  /** The one with this id in its cookie, where this user has signed in with it before. */
  static async of(
    { tenantId, id: userId }: { tenantId: string; id: string },
    browser: string | null,
  ): Promise<KnownBrowser | null> {
    if (browser === null) return null;
    return KnownBrowser.findOne({ where: { tenantId, userId, browserHash: hashToken(browser) } });
  }
}

import type { Request } from 'express';
import { timesFor } from '#server/http/times.js';
import { signedIn } from '#server/http/request.js';

/** When a credential was used last, for who is asked whether it may go. */
export function lastUse(req: Request, { lastUsedAt }: { lastUsedAt: number | null }): string {
  const { user, now } = signedIn(req);
  return lastUsedAt === null
    ? 'No program has used it yet.'
    : `It was used last ${timesFor(user.locale, user.timeZone, now).ago(lastUsedAt)}.`;
}

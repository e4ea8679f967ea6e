/** A mail is stuck that was given up, or has waited for so long; after so many milliseconds nobody waits for it any more. */
export const STUCK = { afterMs: 15 * 60_000, duringMs: 7 * 24 * 60 * 60_000 };

/** That a mail `m` is stuck; `since` and `before` are the places of when those times ago was. */
export function isStuck(since: string, before: string): string {
  return `m.state <> 'sent' AND m.created_at > ${since} AND (m.state = 'failed' OR m.created_at <= ${before})`;
}

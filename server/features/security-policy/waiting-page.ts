import { timesFor } from '#server/http/times.js';
import type { SignedInContext } from '#server/context.js';
import type { Waiting } from './schedule.js';
import { differencesInWords } from './words.js';

/** A change that waits, in words: its start in the zone in which that was set. */
export function waitingInWords({ scheduled, author, differences }: Waiting, { user, now }: SignedInContext) {
  const { id, createdAt } = scheduled;
  return {
    id,
    createdAt,
    author,
    starts: startInWords(scheduled, { user, now }),
    differences: differencesInWords(differences),
  };
}

/** "5 Dec 2026, 08:00 CET (Europe/Paris)", as this reader writes it. */
export function startInWords(
  { startsAt, timeZone }: { startsAt: number; timeZone: string },
  { user, now }: Pick<SignedInContext, 'user' | 'now'>,
): string {
  return `${timesFor(user.locale, timeZone, now).when(startsAt)} (${timeZone.replaceAll('_', ' ')})`;
}

import { timesFor } from '#server/http/times.js';
import type { SignedInContext } from '#server/context.js';
import { can } from '#policies/can.js';
import { readScheduled, type Waiting } from './schedule.js';
import { reasonToKeep } from './take-back.js';
import { differencesInWords } from './words.js';

/** What a page says of the change that waits, and whether whoever reads it may take it back; `waiting` is null for none. */
export async function waitingFor(context: SignedInContext) {
  const waiting = await readScheduled(context);
  const mayChange = can(context.actor, 'policy:write');
  // What one may not take back has no button for it.
  const kept =
    waiting && mayChange ? await reasonToKeep(context, waiting.scheduled, context.services.database.read) : null;
  return { waiting: waiting && waitingInWords(waiting, context), mayChange, kept };
}

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

/** "5 Dec 2026, 08:00 CET (Europe/Paris)", as this reader writes it; UTC is said once. */
export function startInWords(
  { startsAt, timeZone }: { startsAt: number; timeZone: string },
  { user, now }: Pick<SignedInContext, 'user' | 'now'>,
): string {
  const when = timesFor(user.locale, timeZone, now).when(startsAt);
  return when.endsWith(` ${timeZone}`) ? when : `${when} (${timeZone.replaceAll('_', ' ')})`;
}

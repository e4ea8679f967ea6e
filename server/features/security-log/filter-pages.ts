import type { TenantContext, UserContext } from '#server/context.js';
import { dayBegins } from '#server/lib/days.js';
import { findPerson } from './actions.js';
import type { Wanted } from './asked.js';
import { LAST, type Filters } from './list-pages.js';

/** What the filters of the page ask of the log; null where nothing can match: nobody is called so, or the days are turned round. */
export async function filterOf(context: TenantContext & UserContext, filters: Filters): Promise<Wanted | null> {
  const { q, within, event, level, door, from, to, last, sort } = filters;
  const person = filters.actor === '' ? undefined : await findPerson(context, filters.actor);
  if (person === null || turnedRound(filters)) return null;
  const timeZone = filters.days === 'utc' ? 'UTC' : context.user.timeZone;
  return {
    ...{ text: q, within, person, event, level, door, sort },
    from: from === undefined ? last && context.now - LAST[last] : dayBegins(from, timeZone),
    to: to === undefined ? undefined : dayBegins(to, timeZone, 1),
  };
}

export function turnedRound({ from, to }: Filters): boolean {
  return from !== undefined && to !== undefined && from > to;
}

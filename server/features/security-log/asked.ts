import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { findPerson } from './actions.js';
import { exportLog, type Format } from './export.js';
import type { LogFilter } from './search.js';
import type { Searched } from './understood.js';

export type Wanted = Omit<LogFilter, 'text' | 'any' | 'after'> & Searched;

/** What a program asks of the log. */
export type Asked = Omit<Wanted, 'text' | 'person'> & { q: string; actor?: string | undefined };

/** What that asks of the rows; null where nobody is called so. */
export async function wantedBy(context: TenantContext, { q, actor, ...others }: Asked): Promise<Wanted | null> {
  const person = actor === undefined ? undefined : await findPerson(context, actor);
  return person === null ? null : { ...others, text: q, person };
}

/** The log as a file for a program, with its name. Throws `Invalid` for filters that nothing can fit: an empty file would be taken for all there is. */
export async function exportAsked(
  context: TenantContext,
  format: Format,
  asked: Asked,
): Promise<{ name: string; begin: () => Promise<AsyncGenerator<string>> }> {
  const wanted = await wantedBy(context, asked);
  if (wanted === null)
    throw Invalid.field('actor', 'Nobody is called so. Send an id, a username or an e-mail address.');
  const { from, to } = asked;
  if (from !== undefined && to !== undefined && from >= to)
    throw Invalid.field('to', 'This is not after the first time. Choose a later one.');
  const begin = () => exportLog(context, format, wanted, inWords(asked, wanted));
  return { name: fileName(context, format), begin };
}

/** What the file is called. */
export function fileName({ tenant, now }: TenantContext, format: Format): string {
  return `security-log-${tenant.slug}-${new Date(now).toISOString().slice(0, 10)}.${format}`;
}

// The log outlives accounts: a person stands in it by their id, and what was searched for may be a name.
function inWords({ q, actor, from, to, sort, ...others }: Asked, { person }: Wanted): string[] {
  const time = (at: number | undefined): string | undefined => (at === undefined ? at : new Date(at).toISOString());
  const order = sort === 'newest' ? undefined : sort;
  const named = { ...others, from: time(from), to: time(to), sort: order };
  return [
    ...(q === '' ? [] : ['q']),
    ...(actor === undefined ? [] : [`actor: ${person ?? ''}`]),
    ...Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`])),
  ];
}

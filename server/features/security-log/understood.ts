import { holds, values } from '#models/paging.js';
import { fromCredentialLetters, fromLetters, lettersOf, longWords, wordsOf } from '#models/user-search.js';
import { soughtName } from '#policies/names.js';
import type { TenantContext } from '#server/context.js';
import type { EventName } from '#server/trace/events.js';
import { readAddress } from '#server/lib/address.js';
import type { By, LogFilter } from './search.js';
import { eventsNamed, fieldsNamed } from './words.js';

/** What a search is taken to mean: people, events, an address. Each has an index, so that the whole log is searched. */
export interface Understood {
  people: { id: string; name: string }[];
  /** More people are called so than are looked for. */
  more: boolean;
  events: readonly EventName[];
  ip: string | null;
}

export interface Searched {
  /** What was typed. */
  text?: string | undefined;
  /** Look in what the rows tell, whatever it may mean. */
  within?: 'details' | undefined;
}

const MOST_PEOPLE = 20;
const MOST_EVENTS = 12;

/** What of the log is asked for: people, events, an address, or else a text in what the rows tell. */
export async function meaningOf(
  context: TenantContext,
  { text = '', within }: Searched,
): Promise<Pick<LogFilter, 'any' | 'text'> & { understood: Understood | null }> {
  if (text === '') return { understood: null };
  const understood = within === 'details' ? null : await understand(context, text);
  const any = understood === null ? [] : walksFor(understood);
  if (any.length > 0) return { any, understood };
  return {
    text: { pattern: text, keys: fieldsNamed(text), things: await thingsCalled(context, text) },
    understood: null,
  };
}

// What may be meant: whoever's name, username or address has each word, events in words, an IP address.
async function understand(context: TenantContext, text: string): Promise<Understood> {
  const ip = readAddress(text);
  const found = ip === null ? await peopleCalled(context, text) : [];
  const events = ip === null ? eventsNamed(text) : [];
  return {
    people: found.slice(0, MOST_PEOPLE),
    more: found.length > MOST_PEOPLE,
    // What half the catalogue has in its name is no event: a letter or two.
    events: events.length > MOST_EVENTS ? [] : events,
    ip,
  };
}

// The walks that find all of it.
function walksFor({ people, events, ip }: Understood): By[] {
  return [
    ...people.flatMap(({ id }): By[] => [
      ['actor_id', id],
      ['target_id', id],
    ]),
    ...events.map((event): By => ['event', event]),
    ...(ip === null ? [] : [['ip', ip] as const]),
  ];
}

async function peopleCalled({ services, tenant }: TenantContext, text: string): Promise<Understood['people']> {
  const words = wordsOf(text);
  if (words.length === 0) return [];
  const { bind, put } = values(tenant.id);
  const having = words.map((word) => holds('u.search_key', word, put)).join(' AND ');
  const letters = services.database.dialect === 'sqlite' ? lettersOf(words) : null;
  const from = letters === null ? 'FROM users u' : fromLetters(put(letters));
  const sql = `SELECT u.id, u.name FROM (SELECT u.id, u.name, u.name_key ${from} WHERE u.tenant_id = $1 AND ${having}
    LIMIT ${put(1000)}) u ORDER BY u.name_key, u.id LIMIT ${put(MOST_PEOPLE + 1)}`;
  const rows = await services.database.read(sql, bind);
  return rows.map((row) => ({ id: String(row['id']), name: String(row['name']) }));
}

const MOST_THINGS = 20;
// Of an organisation that has more of them, the newest.
const LOOKED_AT = 5000;

// What programs and servers sign in with and is called so: a row tells its name for its owner alone, and which it is.
async function thingsCalled({ services: { database }, tenant }: TenantContext, text: string): Promise<string[]> {
  const wanted = soughtName(text);
  if (wanted === '') return [];
  const { bind, put } = values(tenant.id);
  const letters = lettersOf(longWords(wordsOf(text)));
  const among = (table: string): string => {
    if (database.dialect === 'sqlite' && letters !== null) return fromCredentialLetters(table, put(letters), LOOKED_AT);
    const having = letters === null ? '' : `AND ${holds('search_key', wanted, put)}`;
    return `FROM (SELECT * FROM ${table} WHERE tenant_id = $1 ${having} ORDER BY id DESC LIMIT ${LOOKED_AT}) c`;
  };
  const named = (table: string, which: string): string =>
    `SELECT ${which} AS which ${among(table)} WHERE c.tenant_id = $1 AND ${holds('c.name_key', wanted, put)}`;
  const sql = `${named('api_credentials', 'c.id')} UNION ALL ${named('ssh_keys', 'c.fingerprint')} LIMIT ${MOST_THINGS}`;
  return (await database.read(sql, bind)).map(({ which }) => String(which));
}

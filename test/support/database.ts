import { QueryTypes, type Model, type ModelStatic } from 'sequelize';
import { newId } from '#models/columns.js';
import type { Database } from '#models/database.js';
import { LENGTH_OF_LOG, LOG, linesIn, textsOf, type ReadTexts } from './lines.js';

type Row = Record<string, unknown>;

// What may come of looking: counters, and what the log tells of refusals, with the heads of its chains.
const PASSED_OVER = new Set(['throttles', 'log_repeats', 'migrations', 'security_log_heads', 'security_event_days']);
// A refusal is written down; to take a copy of what one may read changes nothing, and is written down.
const OF_LOOKING = /"event":"(?:access\.refused|access\.throttled|users\.exported)"/;

export type Contents = Record<string, string[]>;

/**
 * All that the database holds, table by table, but for counters, refusals in the log and the times at which somebody was
 * last seen: two of these are equal when nothing was changed in between.
 */
export async function contentsOf(database: Database): Promise<Contents> {
  return (await lookingAt(database))();
}

const looks = new WeakMap<Database, Promise<() => Promise<Contents>>>();

/** The same, for a walk that looks a thousand times: the tables and columns are those that there were at the first look. */
export async function contentsAgain(database: Database): Promise<Contents> {
  let look = looks.get(database);
  if (!look) looks.set(database, (look = lookingAt(database)));
  return (await look)();
}

async function lookingAt(database: Database): Promise<() => Promise<Contents>> {
  const read = logRead(await textsOf(database, PASSED_OVER));
  // A table that says what it said at the last look, as most do, need not be gone through again.
  let last = new Map<string, { said: string; lines: string[] }>();
  return async () => {
    const seen: typeof last = new Map();
    const { texts, log } = await read();
    for (const [table, said] of texts) {
      const before = last.get(table);
      seen.set(table, before?.said === said ? before : { said, lines: changesIn(said) });
    }
    last = seen;
    return Object.fromEntries([...[...seen].map(([table, { lines }]) => [table, lines] as const), ...log]);
  };
}

/**
 * The same texts, with the log for itself: the database lets nobody change a row of it, and their ids ascend. So what a
 * walk has made it grow to is not read again at each look, unless there are other rows than those seen and those after.
 */
function logRead(read: ReadTexts): () => Promise<{ texts: Map<string, string>; log: [string, string[]][] }> {
  let seen: { rows: number; newest: string; lines: string[] } | undefined;
  return async () => {
    let texts = await read(seen?.newest);
    const rows = Number(texts.get(LENGTH_OF_LOG));
    if (seen && seen.rows + linesIn(texts.get(LOG)).length !== rows) {
      seen = undefined;
      texts = await read();
    }
    const said = texts.get(LOG);
    texts.delete(LENGTH_OF_LOG);
    texts.delete(LOG);
    if (said === undefined) return { texts, log: [] };
    const newest = linesIn(said).sort().at(-1);
    const lines = [...(seen?.lines ?? []), ...changesIn(said)];
    if (newest !== undefined) seen = { rows, newest: String((JSON.parse(newest) as Row)['id']), lines };
    return { texts, log: [[LOG, lines]] };
  };
}

function changesIn(said: string): string[] {
  return linesIn(said)
    .filter((line) => !OF_LOOKING.test(line))
    .map(withoutSeen)
    .sort();
}

const withoutSeen = (line: string): string => line.replace(/"last_seen_at":\d+/, '"last_seen_at":null');

/** Gives what puts these rows back as they are now. Rows that came since stay; a row that went fails it. */
export async function keepRows(database: Database, tables: Record<string, string>): Promise<() => Promise<void>> {
  const kept: { sql: string; bind: unknown[] }[] = [];
  for (const [table, key] of Object.entries(tables)) {
    const rows = await database.sequelize.query<Row>(`SELECT * FROM ${table}`, { type: QueryTypes.SELECT });
    for (const row of rows) {
      const columns = Object.keys(row).filter((column) => column !== key);
      const sets = columns.map((column, index) => `${column} = $${index + 1}`).join(', ');
      const sql = `UPDATE ${table} SET ${sets} WHERE ${key} = $${columns.length + 1} RETURNING ${key}`;
      kept.push({ sql, bind: [...columns.map((column) => row[column]), row[key]] });
    }
  }
  return async () => {
    for (const { sql, bind } of kept) {
      const back = await database.sequelize.query(sql, { bind, type: QueryTypes.SELECT });
      if (back.length !== 1) throw new Error(`A row is gone: ${sql}`);
    }
  };
}

/** Forgets every failure and every block, for a test that asks more than a person would. */
export async function clearCounters({ sequelize }: Database): Promise<void> {
  await sequelize.query('DELETE FROM throttles');
  await sequelize.query('DELETE FROM log_repeats');
}

/** A row of this table that belongs to this user, made up by the columns of its model where there is none; gives its id. */
export async function rowOf(
  database: Database,
  table: string,
  owner: { tenantId: string; userId: string },
): Promise<string> {
  const model = Object.values(database.sequelize.models).find((one) => one.getTableName() === table) as
    ModelStatic<Model> | undefined;
  if (!model) throw new Error(`No model has the table ${table}.`);
  const columns = model.getAttributes() as Record<
    string,
    { type: { key?: string }; allowNull?: boolean; defaultValue?: unknown; words?: readonly string[] }
  >;
  const where = { tenantId: owner.tenantId, ...('userId' in columns ? { userId: owner.userId } : {}) };
  const found = await model.findOne({ where });
  if (found) return String(found.get('id'));
  const values: Row = { id: newId(), ...where };
  for (const [name, { type, allowNull, defaultValue, words }] of Object.entries(columns)) {
    if (name in values || allowNull !== false || defaultValue !== undefined) continue;
    values[name] =
      words?.[0] ?? CHOICES[name] ?? (type.key === 'BIGINT' || type.key === 'INTEGER' ? Date.now() % 2 ** 31 : newId());
  }
  return String((await model.create(values)).get('id'));
}

// Columns that are short, or whose words go together with others.
const CHOICES: Row = { kind: 'token', keyId: 'made up' };

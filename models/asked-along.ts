import type { Bind, Database, Row } from './database.js';
import type { Question } from './question.js';
import { asJson, rowsIn } from './rows-as-json.js';
import { columnsOf } from './shared-reads.js';

/** Stand in the values of a question for what only the session will say: whose it is, and which. */
export const ASKER = { tenant: '\0tenant', user: '\0user', session: '\0session' } as const;

// What each is in the statement.
const COLUMNS: ReadonlyMap<unknown, string> = new Map([
  [ASKER.tenant, 'asker.tenant_id'],
  [ASKER.user, 'asker.user_id'],
  [ASKER.session, 'asker.id'],
]);

/** The rows of a read by the hash of a session id, and with them what was asked along: see `answersIn`. */
interface Found {
  rows: Row[];
  parts: Row;
}

/**
 * A read by the hash of a session id, its `$1`, and by the same statement the questions of the page that this session asks for,
 * with `ASKER` where they would have its user: a page is then one journey to the database, not two. Those of one turn
 * share it, see `sharedReads`. Whether the session is good is for who reads the rows: until then nothing is believed of the rest.
 */
export async function readAlong(
  database: Database,
  sql: string,
  [sidHash = null]: Bind,
  questions: readonly Question<unknown>[],
): Promise<Found> {
  const { text, columns } = statementOf(database, sql, questions);
  const values = questions.flatMap(({ bind }) => bind.filter((value) => !COLUMNS.has(value)));
  const [row] = await database.readTogether(text, [sidHash, ...values]);
  return row ? { rows: rowsIn(row['asker_rows'], columns), parts: row } : { rows: [], parts: {} };
}

interface Statement {
  text: string;
  /** The columns of the read that it was made of. */
  columns: readonly string[];
  /** What it was made of, the read first. */
  of: readonly string[];
}

// One page asks along today, and each would ask the same texts every time.
const made = new Map<string, Statement>();

function statementOf(database: Database, sql: string, questions: readonly Question<unknown>[]): Statement {
  const key = `${database.dialect} ${questions.length}`;
  const known = made.get(key);
  if (known?.of[0] === sql && questions.every((one, at) => one.sql === known.of[at + 1])) return known;
  const columns = columnsOf(sql);
  let bound = 1;
  const parts = questions.map((one, at) => {
    const places = one.bind.map((value) => COLUMNS.get(value) ?? `$${(bound += 1)}`);
    const text = one.sql.replace(/\$(\d+)/g, (_, place: string) => places[Number(place) - 1] ?? '');
    return `(SELECT ${asJson(database.dialect, one.columns)} FROM (${text}) AS asked${at}) AS part${at}`;
  });
  const rows = `(SELECT ${asJson(database.dialect, columns)} FROM (${sql}) AS asked) AS asker_rows`;
  const text = `SELECT asker.sid_hash AS asked_for, ${[rows, ...parts].join(', ').replaceAll('\n', ' ')}
FROM sessions AS asker
WHERE asker.sid_hash = $1`;
  const statement = { text, columns, of: [sql, ...questions.map((one) => one.sql)] };
  made.set(key, statement);
  return statement;
}

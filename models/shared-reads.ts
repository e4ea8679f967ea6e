import type { Bind, Database, Read, Row } from './database.js';
import { asJson, rowsIn } from './rows-as-json.js';

/** No statement asks for more than this at once; who comes after waits for the next. */
const MOST_TOGETHER = 200;
/** One that hangs holds up those who come after for this long, in ms, and no longer. */
const LONGEST_WAIT = 1000;

interface Waiting {
  bind: Bind;
  resolve: (rows: Row[]) => void;
  reject: (error: unknown) => void;
}

/**
 * Reads that every request makes: those of one turn of the loop go to the database as one statement, and while one is
 * on its way, the next waits for it, a second at the most, and goes before its answers are given. Nothing is kept: a read
 * begins after whoever asked for it had come.
 *
 * A statement names what it asks for in a column `asked_for`, its `$1`, and has its first `FROM` at the head of a line.
 * Each row goes to whoever asked for it by its place and by that column: one that fits nobody fails all of its statement.
 */
export function sharedReads(database: Omit<Database, 'readTogether'>): Read {
  const groups = new Map<string, Group>();
  return (sql, bind) => {
    // What has no type of its own cannot be handed on as JSON.
    if (bind.includes(null)) return database.read(sql, bind);
    let group = groups.get(sql);
    if (!group) groups.set(sql, (group = new Group(sql, bind, database)));
    return group.ask(bind);
  };
}

/** Those who wait for the answers of one statement. */
class Group {
  readonly #one: Statement;
  readonly #several: Statement;
  readonly #database: Pick<Database, 'read'>;
  #waiting: Waiting[] = [];
  #armed = false;

  constructor(sql: string, bind: Bind, database: Omit<Database, 'readTogether'>) {
    const { dialect } = database;
    this.#one = inOneText(sql, columnsOf(sql), dialect);
    this.#several = inOneText(severalOf(sql, bind, dialect), [...columnsOf(sql), 'asked_place'], dialect);
    this.#database = database;
  }

  ask(bind: Bind): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bind, resolve, reject });
      this.#arm();
    });
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => this.#send());
  }

  #send(): void {
    const asking = this.#waiting.splice(0, MOST_TOGETHER);
    let isOver = false;
    // True where others had come meanwhile, and have been sent for.
    const sendNext = (): boolean => {
      if (isOver) return false;
      isOver = true;
      clearTimeout(late);
      this.#armed = this.#waiting.length > 0;
      if (this.#armed) this.#send();
      return this.#armed;
    };
    const late = setTimeout(sendNext, LONGEST_WAIT);
    // The next go off first: while the database works for them, those go on whose answers have come. A turn later, as the
    // connection itself takes some steps before it sends anything.
    const after = (go: () => void): void => {
      if (sendNext()) setImmediate(go);
      else go();
    };
    this.#answersTo(asking).then(
      (answers) => after(() => asking.forEach(({ resolve }, place) => resolve(answers[place] ?? []))),
      (error: unknown) => after(() => asking.forEach(({ reject }) => reject(error))),
    );
  }

  async #answersTo(asking: readonly Waiting[]): Promise<Row[][]> {
    const [alone] = asking;
    if (alone && asking.length === 1) return [await this.#rowsOf(this.#one, alone.bind)];
    const answers: Row[][] = asking.map(() => []);
    for (const row of await this.#rowsOf(this.#several, [JSON.stringify(asking.map(({ bind }) => bind))])) {
      const place = Number(row['asked_place']);
      if (asking[place]?.bind[0] !== row['asked_for']) throw new Error('A row of a shared read fits nobody who asked.');
      answers[place]?.push(row);
    }
    return answers;
  }

  async #rowsOf({ sql, packed }: Statement, bind: Bind): Promise<Row[]> {
    const rows = await this.#database.read(sql, bind);
    return packed ? rowsIn(rows[0]?.['packed'], packed) : rows;
  }
}

interface Statement {
  sql: string;
  /** The columns of its rows, where they come as one text. */
  packed: readonly string[] | null;
}

/** Above so many, the values of a row come as one text, at a quarter of what they cost one by one. */
const MANY_COLUMNS = 20;

function inOneText(sql: string, columns: readonly string[], dialect: Database['dialect']): Statement {
  if (columns.length <= MANY_COLUMNS) return { sql, packed: null };
  return { sql: `SELECT ${asJson(dialect, columns)} AS packed FROM (${sql}) AS asked_rows`, packed: columns };
}

/** What the columns of the statement are called. */
export function columnsOf(sql: string): string[] {
  const [head = ''] = sql.split('\nFROM ');
  let flat = head;
  // What stands in brackets, the innermost first, has commas and names of its own.
  for (let before = ''; before !== flat;) [before, flat] = [flat, flat.replace(/\([^()]*\)/g, '')];
  return flat.split(',').map((column) => /(\w+)\s*$/.exec(column)?.[1] ?? '');
}

/**
 * The statement for several: what each of them asks for stands in `$1`, a list of lists. They are taken out of it once, and
 * not again for each place of the statement that names them.
 */
function severalOf(sql: string, bind: Bind, dialect: Database['dialect']): string {
  const [head, ...rest] = sql.split('\nFROM ');
  if (!head?.includes(' AS asked_for') || rest.length === 0) throw new Error(`This cannot be asked together: ${sql}`);
  const typeOf = (value: Bind[number]): string => (dialect === 'sqlite' ? '' : (TYPES[typeof value] ?? ''));
  const values = bind.map((value, at) => `(value ->> ${at})${typeOf(value)} AS v${at + 1}`).join(', ');
  const [place, source] =
    dialect === 'sqlite'
      ? ['key', 'json_each($1)']
      : ['place - 1', 'json_array_elements($1::json) WITH ORDINALITY AS list(value, place)'];
  const several = `${head}, asked.place AS asked_place\nFROM asked CROSS JOIN ${rest.join('\nFROM ')}`;
  return `WITH asked AS MATERIALIZED (SELECT ${place} AS place, ${values} FROM ${source})
${several.replace(/\$(\d+)/g, 'asked.v$1')}`;
}

// PostgreSQL takes all that comes out of JSON for text.
const TYPES: Readonly<Record<string, string>> = { number: '::bigint', boolean: '::boolean' };

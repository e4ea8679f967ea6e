import type { Bind, Database, Read, Row } from './database.js';

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
 * on its way, the next waits for it, a second at the most. Nothing is kept: a read begins after whoever asked for it had come.
 *
 * A statement names what it asks for in a column `asked_for`, its `$1`, and has its first `FROM` at the head of a line.
 * Each row goes to whoever asked for it by its place and by that column: one that fits nobody fails all of its statement.
 */
export function sharedReads(database: Omit<Database, 'readTogether'>): Read {
  const groups = new Map<string, Group>();
  return (sql, bind) => {
    let group = groups.get(sql);
    if (!group) groups.set(sql, (group = new Group(sql, severalOf(sql, database.dialect), database)));
    return group.ask(bind);
  };
}

/** Those who wait for the answers of one statement. */
class Group {
  readonly #one: string;
  readonly #several: string;
  readonly #database: Pick<Database, 'read'>;
  #waiting: Waiting[] = [];
  #armed = false;

  constructor(one: string, several: string, database: Pick<Database, 'read'>) {
    this.#one = one;
    this.#several = several;
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
    setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => (late = setTimeout(resolve, LONGEST_WAIT)));
    await Promise.race([this.#answer(this.#waiting.splice(0, MOST_TOGETHER)), waited]);
    clearTimeout(late);
    this.#armed = false;
    if (this.#waiting.length > 0) this.#arm();
  }

  async #answer(asking: readonly Waiting[]): Promise<void> {
    try {
      const answers = await this.#answersTo(asking);
      for (const [place, { resolve }] of asking.entries()) resolve(answers[place] ?? []);
    } catch (error) {
      for (const { reject } of asking) reject(error);
    }
  }

  async #answersTo(asking: readonly Waiting[]): Promise<Row[][]> {
    const [alone] = asking;
    if (alone && asking.length === 1) return [await this.#database.read(this.#one, alone.bind)];
    const answers: Row[][] = asking.map(() => []);
    for (const row of await this.#database.read(this.#several, [JSON.stringify(asking.map(({ bind }) => bind))])) {
      const place = Number(row['asked_place']);
      if (asking[place]?.bind[0] !== row['asked_for']) throw new Error('A row of a shared read fits nobody who asked.');
      answers[place]?.push(row);
    }
    return answers;
  }
}

/** The statement for several: what each of them asks for stands in `$1`, a list of lists. */
function severalOf(sql: string, dialect: Database['dialect']): string {
  const [head, ...rest] = sql.split('\nFROM ');
  if (!head?.includes(' AS asked_for') || rest.length === 0) throw new Error(`This cannot be asked together: ${sql}`);
  const [place, source] =
    dialect === 'sqlite'
      ? ['asked.key', 'json_each($1) AS asked']
      : ['asked.place - 1', 'json_array_elements($1::json) WITH ORDINALITY AS asked(value, place)'];
  const several = `${head}, ${place} AS asked_place\nFROM asked_source CROSS JOIN ${rest.join('\nFROM ')}`;
  return several
    .replace(/\$(\d)/g, (_, number: string) => `(asked.value ->> ${Number(number) - 1})`)
    .replace('asked_source', source);
}

import type { Bind, Database, Row } from './database.js';
import { asJson, rowsIn } from './rows-as-json.js';

/** What is asked of the database on its own or together with others: a SELECT of these columns, and what its rows say. */
export interface Question<Answer> {
  readonly columns: readonly string[];
  /** With `$1 …` of its own. Its first SELECT is of these very columns. */
  readonly sql: string;
  readonly bind: Bind;
  answer(rows: Row[]): Answer;
}

export type Answers<Questions> = {
  [At in keyof Questions]: Questions[At] extends Question<infer Answer> ? Answer : never;
};

/** One question by itself. Never sees an open transaction. */
export async function ask<Answer>(database: Database, question: Question<Answer>): Promise<Answer> {
  return question.answer(await database.read(question.sql, question.bind));
}

/**
 * Several questions by one read: each costs a journey to the database and back, which for small ones is most of the
 * work. The rows of each come as one JSON text, in their order. Never sees an open transaction.
 */
export async function askTogether<const Questions extends readonly Question<unknown>[]>(
  database: Database,
  questions: Questions,
): Promise<Answers<Questions>> {
  const [row] = await database.read(joined(database, questions), bindOf(questions));
  return answersIn(row, questions);
}

/**
 * The same for a page that many ask for at once: those of one turn share a statement, and each is given the row of its
 * `asker`, an id. Only for questions that are answered quickly: others wait for them. See `sharedReads`.
 */
export async function askWithOthers<const Questions extends readonly Question<unknown>[]>(
  database: Database,
  asker: string,
  questions: Questions,
): Promise<Answers<Questions>> {
  const [row] = await database.readTogether(joined(database, questions, true), [asker, ...bindOf(questions)]);
  return answersIn(row, questions);
}

function bindOf(questions: readonly Question<unknown>[]): Bind {
  return questions.flatMap((question) => question.bind);
}

/** What the questions answer, from a row that has the rows of each as `part0` and so on. */
export function answersIn<const Questions extends readonly Question<unknown>[]>(
  row: Row | undefined,
  questions: Questions,
): Answers<Questions> {
  return questions.map(({ columns, answer }, at) => answer(rowsIn(row?.[`part${at}`], columns))) as Answers<Questions>;
}

/** The joined texts, by the texts that they are made of, one after the other: to join them again costs more than to ask. */
class Joined {
  text: string | undefined;
  readonly #next = new Map<string, Joined>();

  after(part: string): Joined {
    let next = this.#next.get(part);
    if (!next) this.#next.set(part, (next = new Joined()));
    return next;
  }
}

// The pages that ask several are few, and each asks the same ones again and again.
const known = new Joined();

function joined({ dialect }: Database, questions: readonly Question<unknown>[], withOthers = false): string {
  let place = known.after(dialect).after(String(withOthers));
  for (const { sql } of questions) place = place.after(sql);
  let { text } = place;
  if (text === undefined) {
    let bound = withOthers ? 1 : 0;
    const parts = questions.map(({ columns, sql, bind }, at) => {
      const renumbered = sql.replace(/\$(\d+)/g, (_, place: string) => `$${bound + Number(place)}`);
      bound += bind.length;
      return `(SELECT ${asJson(dialect, columns)} FROM (${renumbered}) AS asked${at}) AS part${at}`;
    });
    text = withOthers
      ? `SELECT CAST($1 AS VARCHAR(40)) AS asked_for, ${parts.join(', ').replaceAll('\n', ' ')}\nFROM (SELECT 1) AS once`
      : `SELECT ${parts.join(',\n')}`;
    place.text = text;
  }
  return text;
}

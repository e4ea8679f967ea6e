import type { Bind, Database, Row } from './database.js';

/** What is asked of the database on its own or together with others: a SELECT of these columns, and what its rows say. */
export interface Question<Answer> {
  readonly columns: readonly string[];
  /** With `$1 …` of its own. Its first SELECT is of these very columns. */
  readonly sql: string;
  readonly bind: Bind;
  answer(rows: Row[]): Answer;
}

type Answers<Questions> = { [At in keyof Questions]: Questions[At] extends Question<infer Answer> ? Answer : never };

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
  const bind = questions.flatMap((question) => question.bind);
  const [row] = await database.read(joined(database, questions), bind);
  return questions.map(({ columns, answer }, at) => {
    const listed = JSON.parse(String(row?.[`part${at}`])) as Row[string][][];
    return answer(listed.map((values) => rowOf(columns, values)));
  }) as Answers<Questions>;
}

function rowOf(columns: readonly string[], values: readonly Row[string][]): Row {
  const row: Row = {};
  for (const [at, column] of columns.entries()) row[column] = values[at] ?? null;
  return row;
}

// The pages that ask several are few, and each asks the same ones again and again.
const known = new Map<string, string>();

function joined({ dialect }: Database, questions: readonly Question<unknown>[]): string {
  const key = `${dialect} ${questions.map(({ sql }) => sql).join('\n')}`;
  let text = known.get(key);
  if (text === undefined) {
    let bound = 0;
    const parts = questions.map(({ columns, sql, bind }, at) => {
      const renumbered = sql.replace(/\$(\d+)/g, (_, place: string) => `$${bound + Number(place)}`);
      bound += bind.length;
      return `(SELECT ${asJson(dialect, columns)} FROM (${renumbered}) AS asked${at}) AS part${at}`;
    });
    text = `SELECT ${parts.join(',\n')}`;
    known.set(key, text);
  }
  return text;
}

function asJson(dialect: Database['dialect'], columns: readonly string[]): string {
  const listed = columns.join(', ');
  return dialect === 'sqlite'
    ? `json_group_array(json_array(${listed}))`
    : `COALESCE(json_agg(json_build_array(${listed})), '[]')::text`;
}

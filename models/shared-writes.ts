import type { Bind, Database } from './database.js';
import { outsideOnly } from './transaction.js';

/** No statement writes more than this at once; who comes after waits for the next. */
const MOST_TOGETHER = 100;

/**
 * What writes one row, whose key is its `$1` and comes back as `written`, or nothing does; and what writes all those whose values
 * stand in `$1`, a list of lists.
 */
export interface OneOrMore {
  one: string;
  several: string;
}

interface Waiting {
  bind: Bind;
  resolve: (written: boolean) => void;
  reject: (error: unknown) => void;
}

const lines = new WeakMap<Database, Map<OneOrMore, Waiting[]>>();

/**
 * Writes a row by itself, as `write` does: true where its key came back, and of any number with the same key for one. On SQLite,
 * where each waits for its turn, those that wait at the same time are one statement, which is whole or not there at all.
 * PostgreSQL has them side by side.
 */
export async function writeTogether(database: Database, texts: OneOrMore, bind: Bind): Promise<boolean> {
  if (database.dialect === 'postgres') return (await database.write(texts.one, bind)).length > 0;
  outsideOnly();
  let known = lines.get(database);
  if (!known) lines.set(database, (known = new Map<OneOrMore, Waiting[]>()));
  let line = known.get(texts);
  if (!line) known.set(texts, (line = []));
  return waitIn(line, database, texts, bind);
}

function waitIn(line: Waiting[], database: Database, texts: OneOrMore, bind: Bind): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // Whoever is first in line has asked for the turn, in which those who have come by then are taken along.
    const isFirst = line.push({ bind, resolve, reject }) % MOST_TOGETHER === 1;
    if (isFirst) void oneTurn(line, database, texts);
  });
}

async function oneTurn(line: Waiting[], database: Database, { one, several }: OneOrMore): Promise<void> {
  let taken: Waiting[] = [];
  try {
    const rows = await database.writeInTurn(() => {
      taken = line.splice(0, MOST_TOGETHER);
      const [alone] = taken;
      return alone && taken.length === 1
        ? [one, alone.bind]
        : [several, [JSON.stringify(taken.map(({ bind }) => bind))]];
    });
    const written = new Set(rows.map((row) => row['written']));
    for (const { bind, resolve } of taken) resolve(written.delete(bind[0] ?? null));
  } catch (error) {
    // Where it could not even have its turn, nobody else asks for one.
    if (taken.length === 0) taken = line.splice(0, MOST_TOGETHER);
    for (const { reject } of taken) reject(error);
  }
}

import type { Portal } from './portal.js';

/** Has the next requests of signed-in people, this many, let in at the same moment: none goes on before all were. */
export function letInTogether({ database }: Portal, count: number): void {
  const { readTogether } = database;
  let open = (): void => undefined;
  const all = new Promise<void>((resolve) => (open = resolve));
  let came = 0;
  database.readTogether = async (sql, bind) => {
    const rows = await readTogether(sql, bind);
    if (!sql.includes('s.sid_hash')) return rows;
    came += 1;
    if (came === count) {
      database.readTogether = readTogether;
      open();
    }
    await all;
    return rows;
  };
}

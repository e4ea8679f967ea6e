import type { Database } from './database.js';

/** How many connections a pool of one process may hold. It stands here since the driver of PostgreSQL is not for everybody to read. */
export const POOL = 10;

/** What one process may hold at once: a pool for what writes, and one for reads. */
const EACH = 2 * POOL;

/**
 * Says it where PostgreSQL takes fewer connections than so many processes may want: the last of them would be refused at the
 * busiest time, and all that they are asked. Null where there are enough, and on SQLite.
 */
export async function tooFewConnections({ dialect, read }: Database, processes: number): Promise<string | null> {
  if (dialect === 'sqlite') return null;
  const [row] = await read(
    `SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
       - coalesce(current_setting('reserved_connections', true), '0')::int AS most`,
    [],
  );
  const most = Number(row?.['most']);
  const wanted = processes * EACH;
  if (wanted <= most) return null;
  return `PostgreSQL takes ${most} connections, and WORKERS=${processes} may want ${wanted}. Raise its max_connections, or have fewer processes.`;
}

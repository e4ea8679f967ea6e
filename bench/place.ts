import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { dropPostgres, emptyPostgres } from '../test/support/postgres.js';

/** Where an installation keeps what it has: the settings that say so. */
export type Place = Readonly<Record<string, string>>;

/**
 * Gives `work` a way to new, empty places, and removes them at its end. With TEST_DATABASE_URL each is a database of its
 * own on that PostgreSQL server, otherwise a file.
 */
export async function inPlaces(
  work: (place: (name: string) => Promise<Place>, folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  try {
    await work(async (name) => {
      const url = await emptyPostgres();
      return { DATA_DIR: join(folder, name), ...(url === null ? {} : { DATABASE_URL: url }) };
    }, folder);
  } finally {
    await dropPostgres();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What PostgreSQL does by itself within a minute of many rows that came, unless its autovacuum is off: looks how large its
 * tables are, upon which connections plan anew what they had planned for empty ones.
 */
export async function sizesKnown({ DATABASE_URL: connectionString }: Place): Promise<void> {
  if (connectionString === undefined) return;
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query('VACUUM (ANALYZE)');
  await client.end();
}

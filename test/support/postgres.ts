import pg from 'pg';
import { runName } from './run.js';

const prefix = (): string => `gatehouse_test_${runName()}_`;

/**
 * The address of an empty PostgreSQL database of this process, or null where TEST_DATABASE_URL is not set. That one
 * names a server and a database to connect to at first; the tests make `gatehouse_test_<run>_<pid>` beside it.
 */
export async function emptyPostgres(name = String(process.pid)): Promise<string | null> {
  // Most servers sort text as people do, which passes over dashes and slashes: so must the one that is tested.
  return made(name, `TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US-u-ka-shifted'`);
}

/** The same, with all that the database of this name has in it. Nobody may be connected to that one. */
export function postgresCopy(name: string): Promise<string | null> {
  return made(String(process.pid), `TEMPLATE ${prefix()}${name}`);
}

async function made(name: string, how: string): Promise<string | null> {
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) return null;
  await asked(
    server,
    `DROP DATABASE IF EXISTS ${prefix()}${name} WITH (FORCE)`,
    `CREATE DATABASE ${prefix()}${name} ${how}`,
  );
  const url = new URL(server);
  url.pathname = `/${prefix()}${name}`;
  return url.href;
}

/** Removes every database that this run has made. */
export async function dropPostgres(): Promise<void> {
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) return;
  const mine = await asked(server, `SELECT datname FROM pg_database WHERE starts_with(datname, '${prefix()}')`);
  await asked(server, ...mine.map(({ datname }) => `DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`));
}

async function asked(server: string, ...statements: string[]): Promise<{ datname: string }[]> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    let rows: { datname: string }[] = [];
    for (const statement of statements) rows = (await client.query<{ datname: string }>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { runName } from './run.js';

const prefix = (): string => `gatehouse_test_${runName()}_`;
const MOST_TRIES = 3;
const PAUSE_MS = 1000;
let count = 0;
const nextName = (): string => `${process.pid}_${(count += 1)}`;

/**
 * The address of a new, empty PostgreSQL database, or null where TEST_DATABASE_URL is not set. That one names a server
 * and a database to connect to at first; the tests make `gatehouse_test_<run>_…` beside it, which go at the end of the
 * run: to remove one makes the server write all that it has in memory, which takes longer than most tests.
 */
export async function emptyPostgres(name = nextName()): Promise<string | null> {
  // Most servers sort text as people do, which passes over dashes and slashes: so must the one that is tested.
  return made(name, `TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US-u-ka-shifted'`);
}

/** The same, with all that the database of this name has in it. Nobody may be connected to that one. */
export function postgresCopy(name: string): Promise<string | null> {
  return made(nextName(), `TEMPLATE ${prefix()}${name}`);
}

async function made(name: string, how: string): Promise<string | null> {
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) return null;
  await asked(server, `CREATE DATABASE ${prefix()}${name} ${how}`);
  const url = new URL(server);
  url.pathname = `/${prefix()}${name}`;
  return url.href;
}

/** Removes every database that this run has made, several at a time: one writing of the server's memory does for all. */
export async function dropPostgres(): Promise<void> {
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) return;
  const mine = await asked(server, `SELECT datname FROM pg_database WHERE starts_with(datname, '${prefix()}')`);
  const hands = Array.from({ length: 8 }, async () => {
    for (let one = mine.pop(); one; one = mine.pop())
      await asked(server, `DROP DATABASE IF EXISTS ${one.datname} WITH (FORCE)`);
  });
  await Promise.all(hands);
}

async function asked(server: string, statement: string): Promise<{ datname: string }[]> {
  const client = await connected(server);
  try {
    return (await client.query<{ datname: string }>(statement)).rows;
  } finally {
    await client.end();
  }
}

/**
 * A server that cannot fork under load hangs up on whoever comes, and says why in a form from before the driver's time: no
 * more is heard than that the connection ended. So one that could not be made is tried again; a statement never is.
 */
async function connected(server: string): Promise<pg.Client> {
  for (let tries = 1; ; tries += 1) {
    const client = new pg.Client({ connectionString: server });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
      await wait(PAUSE_MS);
    }
  }
}

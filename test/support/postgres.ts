import pg from 'pg';

/**
 * The address of an empty PostgreSQL database of this process, or null where TEST_DATABASE_URL is not set. That one
 * names a server and a database to connect to at first; the tests make `gatehouse_test_<pid>` beside it.
 */
export async function emptyPostgres(): Promise<string | null> {
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) return null;
  const name = `gatehouse_test_${process.pid}`;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    // Most servers sort text as people do, which passes over dashes and slashes: so must the one that is tested.
    await client.query(
      `CREATE DATABASE ${name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US-u-ka-shifted'`,
    );
  } finally {
    await client.end();
  }
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** Removes the database of this process again. */
export async function dropPostgres(): Promise<void> {
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) return;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS gatehouse_test_${process.pid} WITH (FORCE)`);
  await client.end();
}

import assert from 'node:assert/strict';
import { QueryTypes } from 'sequelize';
import { SILENT_AFTER } from '#models/silent-server.js';
import { NamedReads } from '#models/postgres-reads.js';
import { sqliteFile } from '#models/database.js';
import { PreparedStatements } from '#models/sqlite-reads.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('Reads whose texts are kept', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  const open = (most: number): NamedReads | PreparedStatements =>
    portal.database.dialect === 'sqlite'
      ? new PreparedStatements(sqliteFile(portal.config), { most })
      : new NamedReads(portal.database.sequelize, SILENT_AFTER, most);
  const text = (column: number): string => `SELECT CAST($1 AS BIGINT) AS column_${column}`;

  it('give each its own answer, also when many more texts come at once than are kept', async () => {
    const reads = open(3);
    try {
      const asked = Array.from({ length: 60 }, (_one, at) => [at % 20, at] as const);
      for (let round = 0; round < 3; round += 1) {
        const answers = await Promise.all(asked.map(([column, value]) => reads.all(text(column), [value])));
        assert.deepEqual(
          answers,
          asked.map(([column, value]) => [{ [`column_${column}`]: value }]),
        );
      }
      await assert.rejects(reads.all('SELECT nothing FROM nowhere', []));
      assert.deepEqual(await reads.all(text(1), [7]), [{ column_1: 7 }]);
    } finally {
      await reads.close();
    }
  });

  it('say how many rows are wanted by a value, so that a text is not made for each number', async () => {
    const rows = await portal.database.read('SELECT username FROM users ORDER BY username LIMIT $1', [2]);
    assert.equal(rows.length, 2);
  });

  it('on PostgreSQL leave no more statements on a connection than are kept, in a session with the same limits', async function () {
    if (portal.database.dialect === 'sqlite') this.skip();
    const reads = open(3);
    try {
      for (let column = 0; column < 10; column += 1) await reads.all(text(column), [column]);
      const named = 'SELECT count(*) AS left_behind FROM pg_prepared_statements';
      assert.deepEqual(await reads.all(named, []), [{ left_behind: 3 }]);
      const limits = `SELECT current_database() AS name, current_setting('statement_timeout') AS longest,
        current_setting('idle_in_transaction_session_timeout') AS idle`;
      const [theirs] = await portal.database.sequelize.query(limits, { type: QueryTypes.SELECT });
      assert.deepEqual(await reads.all(limits, []), [theirs]);
    } finally {
      await reads.close();
    }
  });

  it('on PostgreSQL are not compiled before they run, by whatever connection, which takes longer than running them', async function () {
    if (portal.database.dialect === 'sqlite') this.skip();
    const asked = "SELECT current_setting('jit') AS jit";
    assert.deepEqual(await portal.database.read(asked, []), [{ jit: 'off' }]);
    assert.deepEqual(await portal.database.sequelize.query(asked, { type: QueryTypes.SELECT }), [{ jit: 'off' }]);
  });

  it('on PostgreSQL fail with an error that keeps the words of the engine apart, as the log needs it', async function () {
    if (portal.database.dialect === 'sqlite') this.skip();
    await assert.rejects(portal.database.read('SELECT CAST($1 AS BIGINT) AS one', ['a secret']), {
      name: 'SequelizeDatabaseError',
    });
  });
});

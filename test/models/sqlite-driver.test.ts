import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueryTypes } from 'sequelize';
import { openDatabase, type Database } from '#models/database.js';
import { inTransaction, readInTransaction, transactionsOn, writeInTransaction } from '#models/transaction.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('Statements of the embedded database that are planned once', () => {
  let folder: string;
  let database: Database;
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-driver-'));
    database = await openDatabase({ dataDir: folder, databaseUrl: null });
    transactionsOn(database.sequelize);
    await database.sequelize.query('CREATE TABLE parents (id INTEGER PRIMARY KEY)');
    await database.sequelize.query(
      'CREATE TABLE things (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id))',
    );
  });
  after(async () => {
    await database.close();
    transactionsOn(portal.services.database.sequelize);
    await portal.close();
    rmSync(folder, { recursive: true });
  });

  const add = (id: number, parent: number | null): Promise<void> =>
    inTransaction(() => writeInTransaction('INSERT INTO things (id, parent) VALUES ($1, $2)', [id, parent]));
  const things = (): Promise<unknown[]> =>
    inTransaction(() => readInTransaction('SELECT * FROM things WHERE id > $1 ORDER BY id', [0]));

  it('One that is refused is refused each time, leaves nothing behind, and the next is taken', async () => {
    for (const round of [1, 2, 3]) {
      await add(round, null);
      await assert.rejects(add(round, null), /UNIQUE constraint failed/);
      await assert.rejects(add(100 + round, 7), /FOREIGN KEY constraint failed/);
      assert.equal((await things()).length, round);
    }
  });

  it('One that cannot be planned says so each time, and holds nobody up', async () => {
    for (let round = 0; round < 3; round += 1)
      await assert.rejects(
        inTransaction(() => readInTransaction('SELECT id FROM nowhere WHERE id = $1', [1])),
        /no such table/,
      );
    assert.equal((await things()).length, 3);
  });

  it('One gives what a table has become, after it had been planned', async () => {
    await database.sequelize.query("ALTER TABLE things ADD COLUMN colour TEXT DEFAULT 'blue'");
    assert.deepEqual((await things()).at(0), { id: 1, parent: null, colour: 'blue' });
  });

  it('More texts than are kept are all answered, at once and one after another', async () => {
    const ask = (at: number): Promise<unknown[]> => readInTransaction(`SELECT $1 AS given, ${at} AS at`, [at]);
    const places = Array.from({ length: 250 }, (_, at) => at);
    const wanted = places.map((at) => [{ given: at, at }]);
    await inTransaction(async () => {
      assert.deepEqual(await Promise.all(places.map(ask)), wanted);
      for (const at of places) assert.deepEqual(await ask(at), wanted[at]);
    });
  });

  it('One that gives back rows of a change is done when its transaction ends', async () => {
    for (const id of [11, 12]) {
      const insert = 'INSERT INTO things (id) VALUES ($1) RETURNING id';
      assert.deepEqual(await inTransaction(() => readInTransaction(insert, [id])), [{ id }]);
    }
    assert.equal((await things()).length, 5);
  });

  it('One whose plan was asked for holds up nobody who writes', async () => {
    const plan = 'EXPLAIN QUERY PLAN UPDATE things SET parent = NULL WHERE id = $1';
    await database.sequelize.query(plan, { bind: [1], type: QueryTypes.SELECT });
    await database.sequelize.query('UPDATE things SET parent = NULL WHERE id = $1', { bind: [1] });
    await add(500, null);
  });

  it('A commit that comes to nothing leaves nothing open: whoever comes next is not locked out', async () => {
    for (let round = 0; round < 3; round += 1) {
      await assert.rejects(
        inTransaction(async () => {
          await readInTransaction('PRAGMA defer_foreign_keys = ON', []);
          await writeInTransaction('INSERT INTO things (id, parent) VALUES ($1, $2)', [800, 7]);
        }),
        /FOREIGN KEY constraint failed/,
      );
      await database.write('INSERT INTO things (id) VALUES ($1)', [600 + round]);
      await add(700 + round, null);
    }
  });
});

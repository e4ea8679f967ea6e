import assert from 'node:assert/strict';
import type { Database } from '#models/database.js';
import { alone } from '#models/migrations/ledger.js';
import { connectPostgres } from '#models/postgres.js';
import { Gate } from '../support/gate.js';
import { emptyPostgres } from '../support/postgres.js';

const AFTER = 400;
const ONE = 'SELECT 1 AS one';

const onPostgres = process.env['TEST_DATABASE_URL'] ? describe : describe.skip;

onPostgres('PostgreSQL that says nothing more', () => {
  let gate: Gate;
  let database: Omit<Database, 'readTogether'>;
  beforeEach(async () => {
    gate = new Gate(new URL((await emptyPostgres()) ?? ''));
    await gate.open();
    database = await connectPostgres(gate.url, AFTER);
    await database.read(ONE, []);
  });
  afterEach(async () => {
    gate.silent = false;
    await gate.close();
    await database.close();
  });

  const overTime = (error: { original?: { code?: string } }): boolean => error.original?.code === 'ETIMEDOUT';

  it('keeps no read waiting', async () => {
    gate.silent = true;
    await assert.rejects(database.read(ONE, []), overTime);
    gate.silent = false;
    assert.deepEqual(await database.read(ONE, []), [{ one: 1 }]);
  });

  it('keeps no transaction waiting, and gives its connection to nobody else', async () => {
    const { sequelize } = database;
    const begun = sequelize.transaction(async (transaction) => {
      await sequelize.query(ONE, { transaction });
      gate.silent = true;
      await sequelize.query(ONE, { transaction });
    });
    await assert.rejects(begun, overTime);
    gate.silent = false;
    await sequelize.query(ONE);
  });

  it('lets a connection that nobody uses be', async () => {
    const backend = async () => (await database.read('SELECT pg_backend_pid() AS pid', []))[0]?.['pid'];
    const before = await backend();
    await new Promise((resolve) => setTimeout(resolve, 2 * AFTER));
    assert.equal(await backend(), before);
  });

  it('may be asked for something long by a migration', async () => {
    const slow = `SELECT pg_sleep(${(3 * AFTER) / 1000})`;
    const { sequelize } = database;
    await assert.rejects(sequelize.query(slow), overTime);
    await alone(database as Database, () => sequelize.query(slow));
  });
});

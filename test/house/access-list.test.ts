import assert from 'node:assert/strict';
import { QueryTypes } from 'sequelize';
import type { Database } from '#models/database.js';
import { ACCESS, NO_ACCESS, type AccessKind, type Occasion } from '#server/identity/access.js';
import { columnsOf, tablesOf } from '../support/database.js';
import { startPortal, type Portal } from '../support/portal.js';

const tableOf = ({ model }: AccessKind): string => String(model.getTableName());

describe('The list of what lets somebody in', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal({ demo: false });
  });
  after(() => portal.close());

  it('has a row for every table that refers to a user, or says why that lets nobody in', async () => {
    const known = new Set([...ACCESS.map(tableOf), ...Object.keys(NO_ACCESS)]);
    assert.deepEqual([...known].sort(), (await tablesOfUsers(portal.database)).sort());
    for (const table of ACCESS.map(tableOf)) assert.ok(!(table in NO_ACCESS), table);
  });

  it('says of each kind what becomes of it when somebody says “This wasn’t me”, and at every other turn', () => {
    const reached = (occasion: Occasion): string[] => ACCESS.filter(({ on }) => on[occasion]).map(({ name }) => name);
    const every = ACCESS.map(({ name }) => name);
    // A mailbox must not be enough to take the second factor away.
    assert.deepEqual(reached('disavowal'), without(every, ['totp-secrets']));
    // What is proven anew at each use, or was given out to stay, outlives a change that its owner makes.
    const standing = ['disavowal-links', 'known-browsers', 'totp-secrets', 'recovery-codes'];
    const credentials = ['api-tokens', 'api-keys', 'api-passwords', 'ssh-keys'];
    const passing = without(every, [...standing, ...credentials]);
    assert.deepEqual(reached('reset by mail'), without(every, standing));
    for (const occasion of ['password change', 'factor change', 'sessions end', 'disabling'] as const)
      assert.deepEqual(reached(occasion), passing, occasion);
    // While an organisation is suspended its status shuts everything; what goes on by itself ends.
    assert.deepEqual(reached('suspension'), ['sessions', 'challenges']);
  });

  it('can do what it says: what is to be suspended can be, and what has a name is named', () => {
    for (const { name, on, suspend, nameOf } of ACCESS) {
      const suspends = Object.values(on).includes('suspend what is newer');
      assert.equal(suspend !== undefined, suspends, name);
      if (suspends) assert.ok(nameOf, `${name}: the mail says which of them wait for their owner`);
    }
  });
});

function without(all: readonly string[], some: readonly string[]): string[] {
  return all.filter((one) => !some.includes(one));
}

/** The tables that refer to users, or have a user’s id, as the database itself tells. */
async function tablesOfUsers(database: Database): Promise<string[]> {
  const found: string[] = [];
  for (const table of await tablesOf(database)) {
    const sql = database.dialect === 'sqlite' ? SQLITE : POSTGRES;
    const references = await database.sequelize.query(sql, { bind: [table], type: QueryTypes.SELECT });
    if (references.length > 0 || (await columnsOf(database, table)).includes('user_id')) found.push(table);
  }
  return found;
}

const SQLITE = `SELECT 1 FROM pragma_foreign_key_list($1) WHERE "table" = 'users'`;
const POSTGRES = `
SELECT 1 FROM pg_constraint WHERE contype = 'f' AND conrelid = to_regclass($1) AND confrelid = to_regclass('users')`;

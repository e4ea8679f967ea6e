import assert from 'node:assert/strict';
import { ACCESS, NO_ACCESS } from '#server/identity/access.js';
import { columnsOf, tablesOf } from '../support/database.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('What lets somebody in stands in one list', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal({ demo: false });
  });
  after(() => portal.close());

  it('every table that refers to a user is in it, or says why it lets nobody in', async () => {
    const listed = new Set([...ACCESS.map(({ model }) => String(model.getTableName())), ...Object.keys(NO_ACCESS)]);
    const referring: string[] = [];
    for (const table of await tablesOf(portal.database)) {
      if ((await columnsOf(portal.database, table)).includes('user_id')) referring.push(table);
    }
    assert.ok(referring.includes('sessions') && referring.includes('ssh_keys'));
    assert.deepEqual(
      referring.filter((table) => !listed.has(table)),
      [],
      'Add a row to server/identity/access.ts, or the reason why it lets nobody in.',
    );
    assert.deepEqual(
      Object.keys(NO_ACCESS).filter((table) => !referring.includes(table)),
      [],
    );
  });

  it('each kind has a name of its own, words for people, and ends somehow', () => {
    assert.equal(new Set(ACCESS.map(({ name }) => name)).size, ACCESS.length);
    for (const { words, end, suspend, on } of ACCESS) {
      assert.ok(words.every((text) => text.length > 0));
      if (Object.values(on).includes('suspend what is newer')) assert.ok(suspend);
      assert.ok(end === null || Object.keys(end(1)).length > 0);
    }
  });

  it('whoever says “This wasn’t me” is asked about every kind but the proven second factor', () => {
    assert.deepEqual(
      ACCESS.filter(({ on }) => on.disavowal === undefined).map(({ name }) => name),
      ['totp-secrets'],
    );
  });
});

import assert from 'node:assert/strict';
import { contentsAgain, contentsOf } from '../support/database.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('What a walk sees when it looks at the whole database again', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  const same = async (): Promise<number> => {
    const again = await contentsAgain(portal.database);
    assert.deepEqual(again, await contentsOf(portal.database));
    return again['security_events']?.length ?? 0;
  };

  it('is what is there, of the log too, which it reads on from where it stopped', async () => {
    const first = await same();
    assert.ok(first > 0);
    for (const who of ['acme/uma', 'acme/adam']) await portal.signedIn(who);
    const then = await same();
    assert.ok(then > first);
    assert.equal(await same(), then);
  });

  it('lacks what has gone from the log', async () => {
    const { sequelize, dialect } = portal.database;
    const all = await same();
    await sequelize.query(
      dialect === 'sqlite'
        ? 'DROP TRIGGER security_events_no_delete'
        : 'ALTER TABLE security_events DISABLE TRIGGER security_events_append_only',
    );
    await sequelize.query('DELETE FROM security_events WHERE seq = 1');
    assert.ok((await same()) < all);
  });
});

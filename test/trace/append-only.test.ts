import assert from 'node:assert/strict';
import { rowsOf, verdictOn } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('The database refuses to change the security log', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  // Sequelize takes every refusal of SQLite for a broken constraint; what the database said stands behind that.
  const saysSo = (error: Error & { parent?: Error }): boolean =>
    /append-only/.test(error.parent?.message ?? error.message);
  const refuses = async (statement: string): Promise<void> => {
    const before = await rowsOf(portal, 'acme');
    await assert.rejects(portal.database.sequelize.query(statement), saysSo, statement);
    assert.deepEqual(await rowsOf(portal, 'acme'), before);
  };

  it('No row can be changed, not even to what it is', async () => {
    await refuses(`UPDATE security_events SET level = 'low' WHERE seq = 1`);
    await refuses('UPDATE security_events SET details = details');
  });

  it('No row can be removed, and neither can all of them', async () => {
    await refuses('DELETE FROM security_events WHERE seq = 1');
    await refuses('DELETE FROM security_events');
    if (portal.database.dialect === 'postgres') {
      await refuses('TRUNCATE security_events');
      await refuses('TRUNCATE security_events CASCADE');
    }
  });

  it('No row can be put in the place of another', async () => {
    const columns = `id, tenant_id, seq, at, event, level, door, details, key_id, hash`;
    const values = `SELECT id, tenant_id, seq, at, event, level, door, 'other', key_id, hash FROM security_events WHERE seq = 1`;
    const replace =
      portal.database.dialect === 'sqlite'
        ? `REPLACE INTO security_events (${columns}) ${values}`
        : `INSERT INTO security_events (${columns}) ${values} ON CONFLICT (id) DO UPDATE SET details = excluded.details`;
    await refuses(replace);
    assert.equal((await verdictOn(portal, 'acme')).intact, true);
  });
});

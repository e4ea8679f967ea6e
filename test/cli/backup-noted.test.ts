import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { demonstration, type Installation } from '../support/installation.js';

describe('A backup of a database that takes no writes any more', () => {
  let here: Installation;
  before(async () => {
    here = await demonstration();
    // As on a disk that is full: the log has no room for a row.
    await here.look(({ database }) =>
      database.sequelize.query('ALTER TABLE security_log_heads RENAME TO security_log_heads_of_before'),
    );
  });
  after(() => here.remove());

  it('is whole, and it is said that the log does not tell of it', async () => {
    const file = join(here.folder, 'backup');
    const { code, stdout, stderr } = await here.run(['backup', file]);
    assert.deepEqual([code, stdout, existsSync(file)], [1, '', true]);
    assert.match(stderr, /^\S+backup is whole, but the security log does not tell of it, .*\n$/);
  });
});

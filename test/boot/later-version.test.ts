import assert from 'node:assert/strict';
import { join } from 'node:path';
import { demonstration, type Installation } from '../support/installation.js';
import { finished, freePort, startProgram } from '../support/process.js';

describe('A database that a later version has brought up to date', () => {
  let here: Installation;
  before(async () => {
    here = await demonstration();
    await here.look(({ database }) =>
      database.sequelize.query(`INSERT INTO migrations (name, ran_at) VALUES ('9999-of-tomorrow', 1)`),
    );
  });
  after(() => here.remove());

  const SAYS =
    /later version of Gatehouse, which this one does not know \(9999-of-tomorrow\)\. Use that version, or restore/;

  it('is not served', async () => {
    const settings = { ...here.settings, PORT: String(await freePort()) };
    const server = startProgram('server/main.ts', [], here.folder, settings);
    const tooLong = setTimeout(() => server.kill('SIGKILL'), 120_000);
    const { code, stderr } = await finished(server);
    clearTimeout(tooLong);
    assert.equal(code, 1);
    assert.match(stderr, SAYS);
  });

  it('is changed by no command, and read by none', async () => {
    for (const args of [
      ['migrate'],
      ['tenant', 'list'],
      ['user', 'disable', 'acme/uma'],
      ['key', 'rotate'],
      ['backup', join(here.folder, 'backup')],
    ]) {
      const { code, stdout, stderr } = await here.run(args);
      assert.deepEqual([code, stdout], [1, ''], args.join(' '));
      assert.match(stderr, SAYS);
      assert.match(stderr, /^[^\n]+\n$/);
    }
  });

  it('is what doctor tells of', async () => {
    const { code, stdout } = await here.run(['doctor']);
    assert.equal(code, 1);
    assert.match(stdout, /^FAIL {2}database {2}The database was brought up to date by a later version/m);
  });
});

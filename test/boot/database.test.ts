import assert from 'node:assert/strict';
import { Gate } from '../support/gate.js';
import { demonstration, type Installation } from '../support/installation.js';
import { PASSWORD } from '../support/portal.js';
import { startServer, type RunningServer } from '../support/process.js';
import { Visitor } from '../support/visitor.js';

const onPostgres = process.env['TEST_DATABASE_URL'] ? describe : describe.skip;

onPostgres('Gatehouse, when PostgreSQL goes away', function () {
  let here: Installation;
  let gate: Gate;
  let server: RunningServer;
  before(async () => {
    here = await demonstration();
    gate = new Gate(new URL(here.settings['DATABASE_URL'] ?? ''));
    await gate.open();
    server = await startServer(here.folder, { ...here.settings, DATABASE_URL: gate.url });
  });
  after(async () => {
    server.child.kill('SIGKILL');
    await gate.close();
    here.remove();
  });

  it('answers 503 with a page that says so, and serves on when it is back', async () => {
    const uma = new Visitor(server.url);
    await uma.submit('/login', { organization: 'acme', username: 'uma', password: PASSWORD });
    assert.equal((await uma.get('/security')).status, 200);

    await gate.close();
    const away = await Promise.all(['/security', '/readyz', '/healthz'].map((path) => uma.get(path)));
    assert.deepEqual(
      away.map(({ status }) => status),
      [503, 503, 200],
    );
    assert.match(away[0]?.text ?? '', /database cannot be reached/);

    await gate.open();
    for (const path of ['/security', '/readyz', '/security']) assert.equal((await uma.get(path)).status, 200);
    assert.equal(await server.stop(), 0);
  });
});

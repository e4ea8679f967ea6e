import assert from 'node:assert/strict';
import { bringUpToDate } from '#server/services.js';
import { createLog } from '#server/lib/log.js';
import { gatehouse } from '../support/commands.js';
import { emptyInstallation, type Installation } from '../support/installation.js';
import { startPortal } from '../support/portal.js';
import { startServer, type RunningServer } from '../support/process.js';
import { until } from '../support/until.js';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** The processes that have come to serve, in that order. */
const listeningOf = (server: RunningServer): number[] =>
  server
    .output()
    .split('\n')
    .filter((line) => line.includes('"msg":"listening"'))
    .map((line) => (JSON.parse(line) as { pid: number }).pid);

const METRICS_TOKEN = 'metrics-token-for-tests';
const COUNTED = /^gatehouse_http_requests_total\{method="GET",route="\/healthz",status="200"\} (\d+)$/m;
const onPostgres = process.env['TEST_DATABASE_URL'] ? describe : describe.skip;

onPostgres('Gatehouse in several processes on PostgreSQL', function () {
  let here: Installation;
  let server: RunningServer;
  before(async () => {
    here = await emptyInstallation();
    server = await startServer(here.folder, { ...here.settings, WORKERS: '2', METRICS_TOKEN });
  });
  after(() => {
    server.child.kill('SIGKILL');
    here.remove();
  });

  const said = (message: string): number => server.output().split(`"msg":"${message}"`).length - 1;

  const figures = async (): Promise<string> => {
    const headers = { connection: 'close', authorization: `Bearer ${METRICS_TOKEN}` };
    return (await fetch(`${server.url}/metrics`, { headers })).text();
  };

  it('is migrated and prints its set-up link once, and every process serves', async () => {
    await until(() => said('listening') === 2 && server.output().includes('/setup/'), 60);
    assert.equal(said('database migrated'), 1);
    assert.doesNotMatch(server.output(), /may want/);
    assert.equal(server.output().split('/setup/').length - 1, 1);
    const link = /\/setup\/\S+/.exec(server.output())?.[0] ?? '';
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => fetch(server.url + link, { headers: { connection: 'close' } })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 200, 200],
    );
  });

  it('counts over all of them, whichever is asked', async () => {
    for (let request = 0; request < 10; request += 1)
      await fetch(`${server.url}/healthz`, { headers: { connection: 'close' } });
    for (let scrape = 0; scrape < 4; scrape += 1) {
      const text = await figures();
      assert.equal(COUNTED.exec(text)?.[1], '10');
      assert.match(text, /^gatehouse_database_up 1$/m);
    }
  });

  it('counts on what one has counted that answers no more, or is gone: no sum falls', async () => {
    const [stuck = 0] = listeningOf(server);
    process.kill(stuck, 'SIGSTOP');
    // One of them is handed to the process that stands still.
    assert.equal(COUNTED.exec(await Promise.any([figures(), figures(), figures()]))?.[1], '10');
    process.kill(stuck, 'SIGKILL');
    await until(() => said('a worker died; starting another') === 1, 60);
    for (let scrape = 0; scrape < 10; scrape += 1) assert.equal(COUNTED.exec(await figures())?.[1], '10');
    await until(() => said('listening') === 3, 60);
    assert.equal(COUNTED.exec(await figures())?.[1], '10');
  });

  it('replaces a process that dies', async () => {
    const [one = 0] = listeningOf(server).filter(isAlive);
    process.kill(one, 'SIGKILL');
    await until(() => said('listening') === 4, 60);
    assert.equal((await fetch(`${server.url}/readyz`, { headers: { connection: 'close' } })).status, 200);
  });

  it('leaves nobody waiting whose connection was handed to a process that dies before it takes it', async () => {
    const alive = listeningOf(server).filter(isAlive);
    const [stuck = 0] = alive;
    process.kill(stuck, 'SIGSTOP');
    let over = 0;
    const asked = alive.concat(alive).map(() =>
      fetch(`${server.url}/healthz`, { headers: { connection: 'close' } })
        .catch(() => undefined)
        .finally(() => (over += 1)),
    );
    // It has been handed one, and all others are answered elsewhere.
    await until(() => over === asked.length - 1, 60);
    process.kill(stuck, 'SIGKILL');
    await until(() => over === asked.length, 60);
    await until(() => said('listening') === 5, 60);
  });

  it('ends with all of its processes', async () => {
    assert.equal(await server.stop(), 0);
    assert.equal(said('stopped'), 2);
  });
});

onPostgres('Gatehouse in several processes, whose database a later version has brought up to date', () => {
  it('ends where one of them dies, since another would not know the database, and says so', async () => {
    const here = await emptyInstallation();
    const server = await startServer(here.folder, { ...here.settings, WORKERS: '2' });
    await here.look(({ database }) =>
      database.sequelize.query(`INSERT INTO migrations (name, ran_at) VALUES ('9999-of-tomorrow', 1)`),
    );
    process.kill(listeningOf(server)[0] ?? 0, 'SIGKILL');
    await until(() => server.child.exitCode !== null, 60);
    assert.equal(server.child.exitCode, 1);
    assert.match(server.errors(), /later version of Gatehouse, which this one does not know \(9999-of-tomorrow\)/);
    here.remove();
  });
});

onPostgres('Gatehouse in more processes than PostgreSQL has connections for', function () {
  it('says so at the start, once, with what is there and what they may want; and one process is no such thing', async () => {
    const { services, database, close } = await startPortal({ demo: false });
    const [row] = await database.read("SELECT current_setting('max_connections')::int AS most", []);
    const most = Number(row?.['most']);
    for (const workers of [1, Math.ceil(most / 20) + 1]) {
      let lines = '';
      const log = createLog('info', { write: (line: string) => void (lines += line) });
      await bringUpToDate({ ...services, log, config: { ...services.config, workers } });
      if (workers === 1) assert.equal(lines, '');
      else
        assert.match(lines, new RegExp(`takes \\d+ connections, and WORKERS=${workers} may want ${workers * 20}\\.`));
    }
    await close();
  });

  it('is told by doctor as well', async () => {
    const here = await emptyInstallation();
    await gatehouse(['migrate'], here.folder, here.settings);
    const { stdout } = await gatehouse(['doctor'], here.folder, { ...here.settings, WORKERS: '64' });
    assert.match(stdout, /^warn {2}database {2}PostgreSQL takes \d+ connections, and WORKERS=64 may want 1280\./m);
    here.remove();
  });
});

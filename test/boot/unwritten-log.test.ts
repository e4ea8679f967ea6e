import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { programFile } from '../support/program-file.js';
import { emptyInstallation, type Installation } from '../support/installation.js';
import { freePort } from '../support/process.js';

describe('Where standard output takes nothing, Gatehouse serves all the same, and ends when it is asked to', () => {
  let here: Installation;
  let child: ChildProcess | undefined;
  let url = '';
  beforeEach(async () => {
    here = await emptyInstallation();
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    here.remove();
  });

  async function start(stdout: number | 'pipe'): Promise<ChildProcess> {
    const port = String(await freePort());
    const { PATH = '' } = process.env;
    url = `http://127.0.0.1:${port}`;
    child = spawn(process.execPath, [programFile('server/main.ts')], {
      cwd: here.folder,
      env: { PATH, PORT: port, ...here.settings },
      stdio: ['ignore', stdout, 'inherit'],
    });
    return child;
  }

  async function serves(): Promise<void> {
    for (const until = Date.now() + 120_000; ; await new Promise((resolve) => setTimeout(resolve, 100)))
      try {
        assert.equal((await fetch(`${url}/readyz`, { headers: { connection: 'close' } })).status, 200);
        return;
      } catch (error) {
        if (Date.now() > until) throw error;
      }
  }

  async function ends(server: ChildProcess): Promise<void> {
    const closed = once(server, 'exit');
    server.kill('SIGTERM');
    const late = setTimeout(() => server.kill('SIGKILL'), 60_000);
    assert.deepEqual(await closed, [0, null]);
    clearTimeout(late);
  }

  it('as the disk of its log is full', async () => {
    const full = openSync('/dev/full', 'w');
    const server = await start(full);
    closeSync(full);
    await serves();
    await ends(server);
  });

  it('as whoever read its log is gone', async () => {
    const server = await start('pipe');
    await serves();
    server.stdout?.destroy();
    await serves();
    await ends(server);
  });

  it('as whoever reads its log was gone before the link of the first start', async () => {
    const server = await start('pipe');
    server.stdout?.destroy();
    await serves();
    await ends(server);
  });
});

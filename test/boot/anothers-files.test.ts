import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finished } from '../support/command-host.js';
import { demonstration, type Installation } from '../support/installation.js';
import { programFile, type Program } from '../support/program-file.js';
import { finished } from '../support/process.js';

const SERVER = 'server/main.ts';
const COMMAND = 'server/cli/main.ts';
// Of whom files are kept; who runs the tests as root is somebody else for these.
const SOMEBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

describe('Who may not read what Gatehouse keeps is told so, and not that there is nothing', () => {
  let here: Installation;
  let readable = false;
  before(async function () {
    // Node itself may stand where nobody else may go.
    readable = spawnSync(process.execPath, [programFile(COMMAND), '--version'], SOMEBODY).status === 0;
    if (!readable) this.skip();
    here = await demonstration();
    chmodSync(here.folder, 0o755);
  });
  after(() => {
    if (!readable) return;
    for (const path of ['', 'secret.key']) chmodSync(join(here.dataDir, path), 0o700);
    here.remove();
  });

  function asSomebody(program: Program, ...args: string[]): Promise<Finished> {
    const { PATH = '' } = process.env;
    const env = { PATH, ...here.settings };
    return finished(spawn(process.execPath, [programFile(program), ...args], { cwd: here.folder, env, ...SOMEBODY }));
  }

  async function allSay(expected: RegExp): Promise<void> {
    for (const [program, ...args] of [
      [SERVER],
      [COMMAND, 'migrate'],
      [COMMAND, 'tenant', 'list'],
      [COMMAND, 'doctor'],
    ] as [Program, ...string[]][]) {
      const { code, stdout, stderr } = await asSomebody(program, ...args);
      assert.equal(code, 1, args.join(' '));
      assert.match(stdout + stderr, expected);
      assert.doesNotMatch(stdout + stderr, /There is no|is not there yet/);
    }
  }

  it('of a folder that is closed', async () => {
    chmodSync(here.dataDir, 0o000);
    await allSay(
      /DATA_DIR: cannot be used: this user may not (write there\. Name a folder|read .* Run this as the user)/,
    );
  });

  it('of a key, or a file that SECRET_KEY_FILE names', async () => {
    chmodSync(here.dataDir, 0o777);
    for (const name of readdirSync(here.dataDir)) chmodSync(join(here.dataDir, name), 0o666);
    chmodSync(join(here.dataDir, 'secret.key'), 0o000);
    await allSay(/DATA_DIR: cannot be used: this user may not read .*secret\.key\. Run this as the user/);
    here.settings['SECRET_KEY_FILE'] = join(here.dataDir, 'secret.key');
    await allSay(/SECRET_KEY_FILE: cannot be used: this user may not read it\./);
    delete here.settings['SECRET_KEY_FILE'];
    chmodSync(join(here.dataDir, 'secret.key'), 0o644);
  });

  it('of a database, on SQLite', async function () {
    if (here.settings['DATABASE_URL']) this.skip();
    chmodSync(join(here.dataDir, 'gatehouse.sqlite'), 0o000);
    await allSay(/DATA_DIR: cannot be used: this user may not (read|write) .*gatehouse\.sqlite\. Run this as the user/);
  });

  it('of settings', async () => {
    writeFileSync(join(here.folder, '.env'), 'PORT=0\n', { mode: 0o000 });
    await allSay(/\.env: cannot be read: this user may not read it\./);
  });
});

describe('A command', () => {
  let here: Installation;
  before(async () => {
    here = await demonstration();
  });
  after(() => here.remove());

  it('says in one line that there was no room for what it printed', async () => {
    const full = openSync('/dev/full', 'w');
    const { PATH = '' } = process.env;
    const child = spawn(process.execPath, [programFile(COMMAND), 'log', 'export', 'acme'], {
      cwd: here.folder,
      env: { PATH, ...here.settings },
      stdio: ['ignore', full, 'pipe'],
    });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += String(chunk)));
    const code = await new Promise((resolve) => child.once('close', resolve));
    closeSync(full);
    assert.deepEqual([code, said], [1, 'Not all of it could be printed: no room is left there.\n']);
  });

  it('advises nothing about a file that DATA_DIR names instead of a folder', async () => {
    const file = join(here.folder, 'file');
    writeFileSync(file, '');
    here.settings['DATA_DIR'] = file;
    for (const args of [['doctor'], ['tenant', 'list']]) {
      const { code, stdout, stderr } = await here.run(args);
      assert.equal(code, 1);
      assert.match(stdout + stderr, /DATA_DIR: cannot be used: .*file is a file and no folder\./);
      assert.doesNotMatch(stdout, /chmod/);
    }
    mkdirSync(join(here.folder, 'empty'));
    here.settings['DATA_DIR'] = join(here.folder, 'empty', 'new');
    assert.match((await here.run(['doctor'])).stdout, /is not there yet/);
    assert.ok(!existsSync(here.settings['DATA_DIR']));
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finished } from '../support/command-host.js';
import { gatehouse } from '../support/commands.js';
import { finished, startProgram } from '../support/process.js';

const SERVER = 'server/main.ts';
const COMMAND = 'server/cli/main.ts';

interface Case {
  settings: Record<string, string>;
  says: RegExp;
}

describe('A setting that names a file or a folder which cannot be used ends the start, in words and at once', () => {
  let folder: string;
  let cases: Record<string, Case>;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-refused-'));
    const inside = (name: string): string => join(folder, name);
    writeFileSync(inside('file'), '');
    for (const one of ['database/gatehouse.sqlite', 'key/secret.key', 'mails'])
      mkdirSync(inside(one), { recursive: true });
    writeFileSync(inside('mails/mail'), '');
    const dataDir = (path: string, says: RegExp) => ({ settings: { DATA_DIR: path }, says });
    cases = {
      'a folder where none can be made': dataDir('/proc/nothing', /DATA_DIR: cannot be used: \/proc.* Name a folder/),
      'a file': dataDir(inside('file'), /DATA_DIR: .*file is a file and no folder\. Name a folder/),
      'a folder below a file': dataDir(inside('file/below'), /DATA_DIR: .*file is a file and no folder/),
      'too long a path': dataDir(inside('abcdefghi/'.repeat(1000)), /DATA_DIR: .*its name is too long/),
      'the home folder as a shell writes it': dataDir('~/data', /DATA_DIR: begins with ~/),
      'a folder in the place of the database': dataDir(
        inside('database'),
        /DATA_DIR: .*sqlite is a folder, where a file/,
      ),
      'a folder in the place of the key': dataDir(inside('key'), /DATA_DIR: .*key is a folder, where a file/),
      'a file in the place of the mails': dataDir(inside('mails'), /DATA_DIR: .*mail is a file, where a folder/),
      'a file of keys without an end': {
        settings: { DATA_DIR: inside('data'), SECRET_KEY_FILE: '/dev/zero' },
        says: /SECRET_KEY_FILE: .*\/dev\/zero is no file/,
      },
    };
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('server/main.ts', () => allRefused(({ settings }) => finished(startProgram(SERVER, [], folder, settings))));

  // One in a process of its own, the others in one that has the program loaded.
  it('server/cli/main.ts', () =>
    allRefused(({ settings }, at) =>
      at === 0
        ? finished(startProgram(COMMAND, ['migrate'], folder, settings))
        : gatehouse(['migrate'], folder, settings),
    ));

  async function allRefused(begin: (one: Case, at: number) => Promise<Finished>): Promise<void> {
    for (const [at, [name, one]] of Object.entries(cases).entries()) {
      const { code, stderr } = await begin(one, at);
      assert.equal(code, 1, name);
      assert.match(stderr, one.says, name);
      assert.doesNotMatch(stderr, /\n\s+at |node:/, `${name}: a stack`);
    }
  }
});

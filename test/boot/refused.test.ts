import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished, startProgram } from '../support/process.js';

/** How each program is asked to begin something. */
const PROGRAMS = { 'server/main.ts': [], 'server/cli/main.ts': ['migrate'] } as const;

describe('A setting that names a file or a folder which cannot be used ends the start, in words and at once', () => {
  let folder: string;
  let cases: Record<string, { settings: Record<string, string>; says: RegExp }>;
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

  for (const [program, args] of Object.entries(PROGRAMS))
    it(program, async () => {
      for (const [name, { settings, says }] of Object.entries(cases)) {
        const { code, stderr } = await finished(startProgram(program as keyof typeof PROGRAMS, args, folder, settings));
        assert.equal(code, 1, name);
        assert.match(stderr, says, name);
        assert.doesNotMatch(stderr, /\n\s+at |node:/, `${name}: a stack`);
      }
    });
});

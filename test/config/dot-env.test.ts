import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dotEnv } from '#server/dot-env.js';

describe('A file of settings', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
    file = join(folder, '.env');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const read = (content: string | Buffer) => {
    writeFileSync(file, content);
    return dotEnv(file);
  };
  const PLAIN = { PORT: '4100', MAIL_FROM: 'Zoë <zoe@example.com>' };

  it('is read however an editor has saved it', () => {
    const lines = ['# The port', 'PORT=4100', '', 'MAIL_FROM=Zoë <zoe@example.com>', ''];
    for (const end of ['\n', '\r\n', '\r'])
      for (const begin of ['', '\ufeff']) assert.deepEqual({ ...(read(begin + lines.join(end)) as object) }, PLAIN);
  });

  it('is read as shells and other programs write it', () => {
    for (const [line, value] of [
      ['PORT="4100"', '4100'],
      ["  export PORT = '4100' # the port", '4100'],
      ['PORT=4100 # the port', '4100'],
      ['PORT=', ''],
      ['PORT="4100\n4200"', '4100\n4200'],
    ] as const)
      assert.deepEqual({ ...(read(`${line}\n`) as object) }, { PORT: value }, line);
  });

  it('is nothing where it is not there', () => assert.deepEqual(dotEnv(file), {}));

  it('is refused with the line that would be passed over without a word', () => {
    for (const line of ['PORT: 4100', 'PORT 4100', 'set', 'SECRET_KEY', '[gatehouse]', '// the port', '; PORT=1'])
      assert.equal(
        read(`# One\nLOG_LEVEL=info\n${line}\nHOST=127.0.0.1\n`),
        'line 3 cannot be read. Write it like NAME=value.',
      );
  });

  it('is refused in another encoding, which would be read as nothing, or as something else', () => {
    const text = 'PORT=4100\nMAIL_FROM=Zoë <zoe@example.com>\n';
    for (const content of [
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(text, 'utf16le'),
      Buffer.from(text, 'latin1'),
    ])
      assert.equal(read(content), 'is not in UTF-8. Save it so.');
  });

  it('is refused as a folder', () => {
    mkdirSync(file);
    assert.equal(dotEnv(file), 'cannot be read: it is a folder and no file.');
  });
});

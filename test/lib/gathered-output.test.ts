import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, read, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatheredOutput } from '#server/lib/gathered-output.js';

const LINE = `${'x'.repeat(99)}\n`;

describe('Lines that are written together', () => {
  let folder: string;
  let pipe: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  });
  afterEach(() => {
    closeSync(pipe);
    rmSync(folder, { recursive: true, force: true });
  });

  /** What stands in the pipe by and by, until this much of it, or this in it, has come. */
  async function arrived(enough: (text: string) => boolean): Promise<string> {
    let text = '';
    const buffer = Buffer.alloc(65_536);
    for (const until = Date.now() + 5000; !enough(text) && Date.now() < until;) {
      const length = await new Promise<number>((resolve) =>
        read(pipe, buffer, 0, buffer.length, null, (error, count) => resolve(error ? 0 : count)),
      );
      text += buffer.toString('utf8', 0, length);
      if (length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return text;
  }

  it('all come in their order, also those that found the pipe full', async () => {
    const output = gatheredOutput(pipe);
    let sent = '';
    for (let count = 0; count < 3000; count += 1) {
      const line = `${count} ${LINE}`;
      output.write(line);
      sent += line;
      if (count % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(await arrived((text) => text.length >= sent.length), sent);
  });

  it('come with a word on how many are missing, where there were more than can be kept', async () => {
    const output = gatheredOutput(pipe);
    for (let count = 0; count < 20_000; count += 1) output.write(LINE);
    const text = await arrived((one) => one.includes('"lost"'));
    const kept = text.split(LINE).length - 1;
    const { lost } = JSON.parse(text.slice(kept * LINE.length)) as { lost: number };
    assert.ok(kept >= 10_000 && kept < 12_000, `${kept} were kept.`);
    assert.equal(kept + lost, 20_000);
  });

  it('are there at the end of the process, as far as they can be, which never waits for ever', () => {
    const output = gatheredOutput(pipe);
    output.write('the last words\n');
    output.flushSync();
    const buffer = Buffer.alloc(100);
    assert.equal(buffer.toString('utf8', 0, readSync(pipe, buffer)), 'the last words\n');
    // Also behind what is on its way already.
    output.write(LINE.repeat(50));
    output.write('why it ended\n');
    output.flushSync();
    const all = Buffer.alloc(65_536);
    assert.ok(all.toString('utf8', 0, readSync(pipe, all)).includes('why it ended\n'));
    const full = openSync('/dev/full', 'w');
    const nowhere = gatheredOutput(full);
    nowhere.write('lost');
    nowhere.flushSync();
    closeSync(full);
  });
});

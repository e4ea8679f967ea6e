import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { Conflict } from '#server/errors.js';
import { objectIn } from '#server/lib/json-object.js';
import type { Keyring } from '#server/lib/keyring.js';
import { contentsOf, firstLine, noArchive, readContents, type Contents } from './archive-contents.js';
import type { Checkpoint } from './checkpoint.js';
import { faultOf, readRows, type LogRow } from './rows.js';
import type { Broken, Verdict } from './verify.js';

/**
 * Writes rows of a log into a file, each checked on its way: a broken log is not archived. The file has its name once it
 * is whole and on the disk, and not before; one that was left half made is begun anew, and no other is written over.
 * Throws `Conflict`.
 */
export async function writeArchive(keys: Keyring, path: string, contents: Contents): Promise<void> {
  if (await isAnothers(keys, path, contents))
    throw new Conflict(
      `${path} is there already, and is not this archive. Nothing was archived: move it away, or give another folder.`,
    );
  // Each run has its own: two of them at once would write into each other's.
  const part = `${path}.${randomUUID()}.part`;
  const file = await open(part, 'wx', 0o600);
  try {
    await file.write(`${firstLine(keys, contents)}\n`);
    let { before } = contents;
    for (let seq = contents.from - 1; seq < contents.to;) {
      const rows = await readRows(contents.tenantId, seq, contents.to);
      if (rows.length === 0) throw new Conflict(`Row ${seq + 1} is missing. Nothing was archived.`);
      for (const row of rows) {
        const fault = faultOf(keys, before, seq + 1, row);
        if (fault !== null) throw new Conflict(`${fault} Nothing was archived: verify the log, and find out why.`);
        before = row.hash;
        seq += 1;
      }
      await file.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    }
    if (before !== contents.hash)
      throw new Conflict(`Row ${contents.to} is not the one that the checkpoint knows. Nothing was archived.`);
    await file.sync();
  } catch (error) {
    await file.close();
    await unlink(part);
    throw error;
  }
  await file.close();
  await rename(part, path);
  await syncFolder(dirname(path));
}

/** Whether something else than an archive of just these rows has this name. */
async function isAnothers(keys: Keyring, path: string, contents: Contents): Promise<boolean> {
  if (!(await lstat(path).catch(() => null))) return false;
  const there = await contentsOf(keys, path);
  return there === null || JSON.stringify(there) !== JSON.stringify(contents);
}

/** Walks an archive: whether it is as it was written, and holds what a kept checkpoint knows. Throws `Conflict` for what is none. */
export async function verifyArchive(
  keys: Keyring,
  path: string,
  kept: readonly Checkpoint[] = [],
): Promise<{ contents: Contents; verdict: Verdict }> {
  const stream = createReadStream(path, 'utf8');
  // What is no file is said by the stream alone.
  const opened = new Promise<void>((resolve, reject) => stream.once('open', () => resolve()).once('error', reject));
  await opened.catch((error: unknown) => {
    throw new Conflict(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`);
  });
  const lines = createInterface({ input: stream, crlfDelay: Infinity });
  let contents: Contents | undefined;
  let seq = 0;
  let before = '';
  let fault: Broken | undefined;
  for await (const line of lines) {
    if (contents === undefined) {
      contents = readContents(keys, path, line);
      refuseOthers(contents, kept);
      seq = contents.from - 1;
      before = contents.before;
      continue;
    }
    fault = faultIn(keys, contents, { seq, before }, line, kept);
    if (fault) break;
    seq += 1;
    before = (JSON.parse(line) as LogRow).hash;
  }
  lines.close();
  stream.destroy();
  if (!contents) throw noArchive(path);
  if (!fault && (seq !== contents.to || before !== contents.hash))
    fault = { intact: false, seq: seq + 1, why: `Row ${seq + 1} and what followed it were cut off.` };
  return { contents, verdict: fault ?? { intact: true, count: contents.to - contents.from + 1 } };
}

function faultIn(
  keys: Keyring,
  { tenantId, to }: Contents,
  { seq, before }: { seq: number; before: string },
  line: string,
  kept: readonly Checkpoint[],
): Broken | undefined {
  const broken = (why: string): Broken => ({ intact: false, seq: seq + 1, why });
  if (seq === to) return broken(`Row ${seq + 1} was put in.`);
  const row = rowIn(line);
  if (row?.tenantId !== tenantId) return broken(`Row ${seq + 1} cannot be read.`);
  const fault = faultOf(keys, before, seq + 1, row);
  if (fault !== null) return broken(fault);
  const other = kept.find((one) => one.tenantId === tenantId && one.count === row.seq && one.hash !== row.hash);
  return other && broken(`Row ${row.seq} is not the one that the checkpoint knows.`);
}

// To say nothing of a checkpoint that was compared with nothing would say that it fits.
function refuseOthers({ tenantId, organization, from, to }: Contents, kept: readonly Checkpoint[]): void {
  for (const one of kept) {
    if (one.tenantId !== tenantId)
      throw new Conflict(
        `The checkpoint is not of the organisation of this archive, ${organization}. Give one of the same.`,
      );
    if (one.count < from || one.count > to)
      throw new Conflict(
        `The checkpoint knows row ${one.count}, and the archive has rows ${from} to ${to}. Hold it against the archive that has that row, or against the log.`,
      );
  }
}

function rowIn(line: string): LogRow | null {
  return objectIn(line) as LogRow | null;
}

// The name of a file is on the disk once its folder is.
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

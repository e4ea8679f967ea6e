import { createReadStream } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { Conflict } from '#server/errors.js';
import { objectIn } from '#server/lib/json-object.js';
import { sameText, type Keyring } from '#server/lib/keyring.js';
import type { Checkpoint } from './checkpoint.js';
import { faultOf, readRows, type LogRow } from './rows.js';
import type { Broken, Verdict } from './verify.js';

/** What the first line of an archive says of the rows behind it. */
export interface Contents {
  tenantId: string;
  organization: string;
  /** From this row up to and including that one. */
  from: number;
  to: number;
  /** The hash that stands before the first row, and that of the last. */
  before: string;
  hash: string;
}

const KIND = 'gatehouse-log-archive';

/**
 * Writes rows of a log into a file, each checked on its way: a broken log is not archived. The file has its name once it
 * is whole and on the disk, and not before; one that was left half made is begun anew. Throws `Conflict`.
 */
export async function writeArchive(keys: Keyring, path: string, contents: Contents): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'w', 0o600);
  try {
    await file.write(`${JSON.stringify(signed(keys, contents))}\n`);
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

function readContents(keys: Keyring, path: string, line: string): Contents {
  const said = objectIn(line) as (Contents & { kind?: unknown; keyId?: string; signature?: string }) | null;
  if (said?.kind !== KIND) throw noArchive(path);
  const { keyId = '', signature = '', tenantId, organization, from, to, before, hash } = said;
  const contents = { tenantId, organization, from, to, before, hash };
  if (!keys.has(keyId))
    throw new Conflict(`The archive was signed with the key "${keyId}", which is not among the secret keys here.`);
  if (!sameText(signature, macOf(keys, contents, keyId)))
    throw new Conflict('The first line of the archive is not as it was signed: it was changed, or is another’s.');
  return contents;
}

function signed(keys: Keyring, contents: Contents): object {
  const keyId = keys.currentId;
  return { kind: KIND, version: 1, ...contents, keyId, signature: macOf(keys, contents, keyId) };
}

function macOf(keys: Keyring, { tenantId, organization, from, to, before, hash }: Contents, keyId: string): string {
  return keys.mac('security-log', JSON.stringify(['archive', tenantId, organization, from, to, before, hash]), keyId);
}

function rowIn(line: string): LogRow | null {
  return objectIn(line) as LogRow | null;
}

function noArchive(path: string): Conflict {
  return new Conflict(`${path} is no archive of a security log. Give a file that log archive has made.`);
}

// The name of a file is on the disk once its folder is.
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

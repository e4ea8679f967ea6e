import { lstat, open } from 'node:fs/promises';
import { Conflict } from '#server/errors.js';
import { objectIn } from '#server/lib/json-object.js';
import { sameText, type Keyring } from '#server/lib/keyring.js';

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
const LONGEST_FIRST_LINE = 8192;

/** What the first line of a file says, where these keys have signed it; null for every other file. */
export async function contentsOf(keys: Keyring, path: string): Promise<Contents | null> {
  try {
    if (!(await lstat(path)).isFile()) return null;
    const file = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(LONGEST_FIRST_LINE), 0, LONGEST_FIRST_LINE, 0);
      const [line = ''] = buffer.toString('utf8', 0, bytesRead).split('\n', 1);
      return readContents(keys, path, line);
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

/** What this line of an archive says of it. Throws `Conflict` for what these keys have not signed. */
export function readContents(keys: Keyring, path: string, line: string): Contents {
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

/** The first line of an archive, signed with the current key. */
export function firstLine(keys: Keyring, contents: Contents): string {
  const keyId = keys.currentId;
  return JSON.stringify({ kind: KIND, version: 1, ...contents, keyId, signature: macOf(keys, contents, keyId) });
}

function macOf(keys: Keyring, { tenantId, organization, from, to, before, hash }: Contents, keyId: string): string {
  return keys.mac('security-log', JSON.stringify(['archive', tenantId, organization, from, to, before, hash]), keyId);
}

/** What is said of a file that is none. */
export function noArchive(path: string): Conflict {
  return new Conflict(`${path} is no archive of a security log. Give a file that log archive has made.`);
}

import { SecurityLogHead } from '#models/security-log-head.js';
import { counted } from '#policies/counted.js';
import { Conflict } from '#server/errors.js';
import { sameText, type Keyring } from '#server/lib/keyring.js';
import { beginningIsSound } from './beginning.js';
import { headIsSound } from './chain.js';
import type { Checkpoint } from './checkpoint.js';
import { faultOf, PAGE, readRows, select } from './rows.js';

export type Verdict =
  /** `archived` of the rows are not there any more, but in an archive. */
  { intact: true; count: number; archived?: number } | Broken;
export interface Broken {
  intact: false;
  seq: number;
  why: string;
}

/** A walk over a chain that is under way: the last row that was looked at, and up to where it goes. */
export interface Walk {
  tenantId: string;
  seq: number;
  before: string;
  goal: number;
  goalHash: string;
}

// In one statement, so that a row and the head that grew with it are seen together or not at all.
const PUT_IN = `
SELECT e.seq FROM security_events e JOIN security_log_heads h ON h.tenant_id = e.tenant_id
WHERE e.tenant_id = $1 AND (e.seq <= h.archived_count OR e.seq < 1 OR e.seq > h.count)
ORDER BY e.seq LIMIT 1`;

const running = new Map<string, Promise<Verdict>>();

/**
 * Walks a tenant's chain from its first row and tells the first link that is broken: changed, removed, put in or cut off.
 * Rows that are written meanwhile are left for the next time. Whoever asks while one is running gets its verdict:
 * reading a million rows takes a while, and nobody should be able to have that done many times over.
 */
export async function verifyLog(keys: Keyring, tenantId: string): Promise<Verdict> {
  const already = running.get(tenantId);
  if (already) return already;
  const verdict = walkAll(keys, tenantId, null).finally(() => running.delete(tenantId));
  running.set(tenantId, verdict);
  return verdict;
}

/** The same, and whether the log still holds what a checkpoint that was kept elsewhere knows of it. */
export async function verifyAgainst(keys: Keyring, kept: Checkpoint): Promise<Verdict> {
  return walkAll(keys, kept.tenantId, kept);
}

async function walkAll(keys: Keyring, tenantId: string, kept: Checkpoint | null): Promise<Verdict> {
  const walk = await beginWalk(keys, tenantId);
  if ('intact' in walk) return walk;
  const begins = walk.seq;
  if (kept) {
    const fault = await holdAgainst(keys, walk, kept);
    if (fault) return fault;
  }
  const found = await goOn(keys, walk);
  const verdict = typeof found === 'string' ? await endOf(keys, walk) : found;
  return !verdict.intact && (await beginsLater(keys, tenantId, begins)) ? walkAll(keys, tenantId, kept) : verdict;
}

/** True when rows have been archived since a walk began, which it then misses: it has to begin again. */
export async function beginsLater(keys: Keyring, tenantId: string, begins: number): Promise<boolean> {
  const now = await beginWalk(keys, tenantId);
  return 'goal' in now && now.seq > begins;
}

// Walks as far as the checkpoint reaches.
async function holdAgainst(keys: Keyring, walk: Walk, kept: Checkpoint): Promise<Broken | null> {
  const when = new Date(kept.madeAt).toISOString();
  if (kept.count < walk.seq)
    throw new Conflict(
      `The checkpoint of ${when} knows ${counted(kept.count, 'row')}, and the first ${walk.seq} have been archived: hold it against the archive, with: log verify --file <archive> --checkpoint <file>`,
    );
  if (kept.count > walk.goal)
    return broken(
      walk.goal + 1,
      `The log has ${counted(walk.goal, 'row')}, and the checkpoint of ${when} knew ${kept.count}: rows were cut off its end, or an older copy of the database was put back.`,
    );
  const part = { ...walk, goal: kept.count };
  const found = part.seq < part.goal ? await goOn(keys, part) : 'end';
  if (typeof found !== 'string') return found;
  if (part.seq === kept.count && !sameText(part.before, kept.hash))
    return broken(kept.count, `Row ${kept.count} is not the one that the checkpoint of ${when} knows.`);
  Object.assign(walk, { seq: part.seq, before: part.before });
  return null;
}

/** Where a walk over this log begins and ends, or what is wrong with its beginning. */
export async function beginWalk(keys: Keyring, tenantId: string): Promise<Walk | Broken> {
  const head = await SecurityLogHead.findByPk(tenantId, { transaction: null });
  if (!head) return broken(0, 'The head of the log is missing.');
  const { archivedCount: seq, archivedHash: before, count: goal, hash: goalHash } = head;
  if (!beginningIsSound(keys, head))
    return broken(1, 'The beginning of the log was changed: rows may have been cut off its front.');
  return { tenantId, seq, before, goal, goalHash };
}

/** Walks on to the end, or while `more` says so; what is wrong, or whether there is more to walk. Moves the walk. */
export async function goOn(keys: Keyring, walk: Walk, more = (): boolean => true): Promise<Broken | 'more' | 'end'> {
  do {
    const rows = await readRows(walk.tenantId, walk.seq, walk.goal);
    for (const row of rows) {
      const fault = faultOf(keys, walk.before, walk.seq + 1, row);
      if (fault !== null) return broken(walk.seq + 1, fault);
      walk.before = row.hash;
      walk.seq += 1;
    }
    if (rows.length < PAGE || walk.seq === walk.goal) return 'end';
  } while (more());
  return 'more';
}

/** What a walk that has come to its end has found. */
export async function endOf(keys: Keyring, { tenantId, seq, before, goal, goalHash }: Walk): Promise<Verdict> {
  const head = await SecurityLogHead.findByPk(tenantId, { transaction: null });
  if (!head) return broken(0, 'The head of the log is missing.');
  if (!headIsSound(keys, head)) return broken(seq, headFault(keys, head.keyId));
  if (seq !== goal) return broken(seq + 1, `Row ${seq + 1} and what followed it were cut off.`);
  if (before !== goalHash) return broken(seq, `Row ${seq} is not the one that the head of the log knows.`);
  const [extra] = await select<{ seq: number }>(PUT_IN, [tenantId]);
  if (extra) return broken(extra.seq, `Row ${extra.seq} was put in.`);
  return { intact: true, count: goal, ...(head.archivedCount > 0 ? { archived: head.archivedCount } : {}) };
}

function headFault(keys: Keyring, keyId: string): string {
  if (!keys.has(keyId))
    return `The head of the log was written with the key "${keyId}", which is not among the secret keys of this installation.`;
  return 'The head of the log was changed: rows may have been cut off its end.';
}

function broken(seq: number, why: string): Broken {
  return { intact: false, seq, why };
}

import type { LogCheckpoint } from '#models/log-checkpoint.js';
import { Conflict } from '#server/errors.js';
import { sameText, type Keyring } from '#server/lib/keyring.js';
import { wordsOfMail } from '#server/lib/saved-mail.js';
import type { Head } from './chain.js';

/** What a checkpoint says: so many rows there were of this log at this time, and this was the hash of the last. */
export type Checkpoint = Pick<LogCheckpoint, 'tenantId' | 'count' | 'hash' | 'madeAt' | 'keyId' | 'mac'>;

/** A checkpoint of this head, signed with the current key: whoever keeps it elsewhere finds rows that were cut off later. */
export function checkpointOf(keys: Keyring, { tenantId, count, hash }: Head, madeAt: number): Checkpoint {
  const said = { tenantId, count, hash, madeAt, keyId: keys.currentId };
  return { ...said, mac: macOf(keys, said) };
}

/** True when who holds the keys has signed it. */
export function checkpointIsSound(keys: Keyring, checkpoint: Checkpoint): boolean {
  return keys.has(checkpoint.keyId) && sameText(checkpoint.mac, macOf(keys, checkpoint));
}

/** A checkpoint as it is kept elsewhere. */
export function writtenOut(checkpoint: Checkpoint) {
  const { tenantId, count, hash, madeAt, keyId, mac } = checkpoint;
  return {
    organizationId: tenantId,
    rows: count,
    hash,
    madeAt: new Date(madeAt).toISOString(),
    keyId,
    signature: mac,
  };
}

/** The checkpoints in a text: JSON, a line of JSON each, or the lines of a mail, or that mail as it was saved. Throws `Conflict` for what is none, and for what these keys have not signed. */
export function readCheckpoints(keys: Keyring, text: string): Checkpoint[] {
  const found = objectsIn(text.trim()).map((one) => {
    const { organizationId, rows, hash, madeAt, keyId, signature } = one;
    const checkpoint = {
      tenantId: String(organizationId),
      count: Number(rows),
      hash: String(hash),
      madeAt: Date.parse(String(madeAt)),
      keyId: String(keyId),
      mac: String(signature),
    };
    if (organizationId === undefined || hash === undefined || !Number.isSafeInteger(checkpoint.count)) throw none();
    return checkpoint;
  });
  if (found.length === 0) throw none();
  for (const one of found) {
    if (!keys.has(one.keyId))
      throw new Conflict(
        `The checkpoint was signed with the key "${one.keyId}", which is not among the secret keys of this installation.`,
      );
    if (!checkpointIsSound(keys, one))
      throw new Conflict('The checkpoint is not as it was signed: it was changed, or is another installation’s.');
  }
  return found;
}

function macOf(keys: Keyring, { tenantId, count, hash, madeAt, keyId }: Omit<Checkpoint, 'mac'>): string {
  return keys.mac('security-log', JSON.stringify(['checkpoint', tenantId, count, hash, madeAt]), keyId);
}

const NAMES = ['organizationId', 'rows', 'hash', 'madeAt', 'keyId', 'signature'];

function objectsIn(text: string): Record<string, unknown>[] {
  const whole = parsed(text);
  if (whole) return whole;
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (text.startsWith('{')) return lines.flatMap((line) => parsed(line) ?? [{}]);
  const said = wordsOfMail(text)
    .split(/\r?\n/)
    .map((line) => /^[\s>*]*(\w+):\s*(\S+)\s*$/.exec(line))
    .filter((one) => one !== null);
  const pairs = said.filter(([, name = '']) => NAMES.includes(name)).map(([, name = '', value]) => [name, value]);
  return pairs.length === 0 ? [] : [Object.fromEntries(pairs) as Record<string, unknown>];
}

function parsed(text: string): Record<string, unknown>[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? [value as Record<string, unknown>].flat() : null;
  } catch {
    return null;
  }
}

function none(): Conflict {
  return new Conflict(
    'This is no checkpoint of a security log. Give the file as it was downloaded, mailed or printed.',
  );
}

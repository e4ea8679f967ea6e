import { key, reference, table, text, time } from './columns.js';

/** A name that somebody has held and no longer does: reserved, as a keyed hash, until it is freed. */
export class FormerName extends table('former_names', {
  scope: key(reference),
  hash: key(text),
  keyId: text,
  heldBy: reference,
  givenUpAt: time,
}) {}

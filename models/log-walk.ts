import { key, of, optionalReference, optionalText, optionalTime, reference, table, text, time } from './columns.js';
import { LOG_WALK_STATES } from '#policies/enumerations.js';

/** The last verification of a tenant's log that somebody asked for: how far it is, or what it found. */
export class LogWalk extends table('log_walks', {
  tenantId: key(reference),
  state: of(LOG_WALK_STATES),
  askedBy: optionalReference,
  askedAt: time,
  doneAt: optionalTime,
  /** The row that was last looked at, its hash, and how far it goes: under a keyed hash, so that nothing can be left out. */
  seq: time,
  beforeHash: text,
  goal: time,
  goalHash: text,
  mac: text,
  /** What is wrong; null where nothing is. */
  why: optionalText,
}) {}

import { key, optionalTime, table, text, time } from './columns.js';

/** A secret key that this database was made with: not the key, but a keyed hash that only it can have made. */
export class KnownKey extends table('known_keys', {
  id: key(text),
  mac: text,
  currentSince: time,
  retiredAt: optionalTime,
}) {}

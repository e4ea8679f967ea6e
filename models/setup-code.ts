import { count, key, optionalTime, table, text, time, withDefault } from './columns.js';

/** The one-time code of the first start; there is only ever one row. */
export class SetupCode extends table('setup_codes', {
  id: key(withDefault(count, 1)),
  codeHash: text,
  createdAt: time,
  usedAt: optionalTime,
}) {}

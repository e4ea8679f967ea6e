import { soughtName } from '#policies/names.js';
import { count, id, optionalTime, reference, table, text, time, withDefault } from './columns.js';
import type { Question } from './question.js';

/** A public SSH key of a user. */
export class SshKey extends table(
  'ssh_keys',
  {
    id,
    tenantId: reference,
    userId: reference,
    name: text,
    /** The folded name, set by the hook below. What is searched is made of it and of its owner's, by the database. */
    nameKey: withDefault(text, ''),
    type: text,
    bits: count,
    /** `SHA256:…`, as `ssh-keygen -lf` prints it. */
    fingerprint: text,
    /** The key itself, base64. */
    blob: text,
    comment: text,
    createdAt: time,
    expiresAt: optionalTime,
    lastUsedAt: optionalTime,
    /** Nobody could tell whether the owner had added it: no server is given it until they put it back. */
    suspendedAt: optionalTime,
  },
  (row) => {
    row.nameKey = soughtName(row.name);
  },
) {
  /** How many keys the user has. */
  static countOf(user: { id: string; tenantId: string }): Question<number> {
    return {
      columns: ['keys'],
      sql: 'SELECT COUNT(*) AS keys FROM ssh_keys WHERE tenant_id = $1 AND user_id = $2',
      bind: [user.tenantId, user.id],
      answer: ([row]) => Number(row?.['keys']),
    };
  }
}

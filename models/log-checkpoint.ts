import { id, optionalReference, optionalTime, reference, table, text, time } from './columns.js';

/** How long a tenant's log was at a moment, and the hash of its last row then, under a keyed hash; see `server/trace/checkpoint.ts`. */
export class LogCheckpoint extends table('log_checkpoints', {
  id,
  tenantId: reference,
  count: time,
  hash: text,
  madeAt: time,
  /** Null for what is made each day; a user, or `command-line`. */
  madeBy: optionalReference,
  keyId: text,
  mac: text,
  /** When it first left: downloaded, printed, or given to the mail server. From then on what lies before it may be archived. */
  exportedAt: optionalTime,
}) {
  /** From the first time on that it left, it stands for the rows before it. */
  static async markExported({ tenantId, id }: { tenantId: string; id: string }, exportedAt: number): Promise<void> {
    await LogCheckpoint.update({ exportedAt }, { where: { tenantId, id, exportedAt: null } });
  }
}

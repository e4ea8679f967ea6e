import { key, reference, table, time } from './columns.js';

/** Somebody who wants each day's checkpoint of the log by mail. */
export class LogCheckpointReader extends table('log_checkpoint_readers', {
  tenantId: key(reference),
  userId: key(reference),
  since: time,
}) {}

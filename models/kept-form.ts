import { id, reference, table, text, time } from './columns.js';

/** A form that came too late after the last sign-in: kept, sealed, until its sender has confirmed who they are. */
export class KeptForm extends table('kept_forms', {
  id,
  tenantId: reference,
  userId: reference,
  sessionId: reference,
  path: text,
  sealedFields: text,
  createdAt: time,
}) {}

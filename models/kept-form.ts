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

/** Whose form it is: sealed in with its fields. */
export function aboutKeptForm({ id, userId }: Pick<KeptForm, 'id' | 'userId'>): string {
  return `kept-form/${userId}/${id}`;
}

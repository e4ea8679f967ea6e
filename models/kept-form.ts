import { id, optionalText, reference, table, text, time } from './columns.js';

/** A form that came too late after the last sign-in, or after its end: kept, sealed, until its sender has confirmed who they are. */
export class KeptForm extends table('kept_forms', {
  id,
  tenantId: reference,
  userId: reference,
  sessionId: reference,
  path: text,
  sealedFields: text,
  createdAt: time,
  /** Of the browser, where the form came when that session was over: it is for the next one of the same person there. Else null. */
  visitorHash: optionalText,
}) {}

/** Whose form it is: sealed in with its fields. */
export function aboutKeptForm({ id, userId }: Pick<KeptForm, 'id' | 'userId'>): string {
  return `kept-form/${userId}/${id}`;
}

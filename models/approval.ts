import { APPROVAL_KINDS, APPROVAL_STATES } from '#policies/enumerations.js';
import { id, of, optionalReference, optionalTime, reference, table, text, time, withDefault } from './columns.js';

/** Something that somebody has asked for, and that opens nothing until another has approved it. */
export class Approval extends table('approvals', {
  id,
  tenantId: reference,
  kind: of(APPROVAL_KINDS),
  /** Whose account it is about. */
  userId: reference,
  /** What it is about: by the kind, a credential or the account itself. */
  subjectId: reference,
  /** Null for the command line. */
  requestedBy: optionalReference,
  /** Why, in the words of who asked. */
  reason: withDefault(text, ''),
  state: of(APPROVAL_STATES),
  decidedBy: optionalReference,
  decidedAt: optionalTime,
  /** Why, in the words of who decided. */
  answer: withDefault(text, ''),
  createdAt: time,
  expiresAt: time,
  /** When those who may decide were last told that it waits. */
  toldAt: optionalTime,
}) {}

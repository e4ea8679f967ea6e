import { APPROVAL_KINDS, APPROVAL_STATES } from '#policies/enumerations.js';
import {
  id,
  of,
  optionalCount,
  optionalReference,
  optionalTime,
  reference,
  table,
  text,
  time,
  withDefault,
} from './columns.js';

/** Something that somebody has asked for, and that opens nothing until another has approved it. */
export class Approval extends table('approvals', {
  id,
  tenantId: reference,
  /** Whose people decide: the organisation itself, or the platform where nobody else in it may. */
  decidingTenantId: reference,
  kind: of(APPROVAL_KINDS),
  /** Whose account it is about. */
  userId: reference,
  /** What it is about: by the kind, a credential or the account itself. */
  subjectId: reference,
  /** Null for the command line. */
  requestedBy: optionalReference,
  /** What it stands on: the account, and whoever asks, as they were. Null where it stands on neither. */
  epoch: optionalCount,
  requesterEpoch: optionalCount,
  /** For how long a pass is made with it; null for none. */
  minutes: optionalCount,
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

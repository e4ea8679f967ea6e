import { DOORS, LEVELS } from '#policies/enumerations.js';
import { id, of, optionalReference, optionalText, reference, table, text, time } from './columns.js';

/** One row of the security log. Written by `server/trace/record.ts` alone; the database refuses every change. */
export class SecurityEvent extends table('security_events', {
  id,
  tenantId: reference,
  seq: time,
  at: time,
  event: text,
  level: of(LEVELS),
  door: of(DOORS),
  actorId: optionalReference,
  actorTenantId: optionalReference,
  targetType: optionalText,
  targetId: optionalReference,
  ip: optionalText,
  client: optionalText,
  sessionId: optionalReference,
  requestId: optionalText,
  details: text,
  keyId: text,
  hash: text,
}) {}

import { key, reference, table, text, time } from './columns.js';

/** The end of a tenant's chain, kept apart, so that rows cut off the end are missed too. */
export class SecurityLogHead extends table('security_log_heads', {
  tenantId: key(reference),
  count: time,
  hash: text,
  keyId: text,
  mac: text,
}) {}

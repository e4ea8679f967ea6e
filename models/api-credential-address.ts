import { key, optionalTime, reference, table, text, time } from './columns.js';

/** An address that a credential was used from, and when it was last. */
export class ApiCredentialAddress extends table('api_credential_addresses', {
  credentialId: key(reference),
  tenantId: reference,
  ip: key(text),
  lastUsedAt: time,
  /** Null of one from before this was kept. */
  firstUsedAt: optionalTime,
  /** When its owner was told of it. */
  toldAt: optionalTime,
}) {}

import { key, optionalTime, reference, table, text, time } from './columns.js';

/** A secret of a credential, as its hash. While a token is rotated with an overlap it has two, and the old one dies by itself. */
export class ApiCredentialSecret extends table('api_credential_secrets', {
  publicId: key(reference),
  tenantId: reference,
  credentialId: reference,
  secretHash: text,
  createdAt: time,
  diesAt: optionalTime,
  lastUsedAt: optionalTime,
}) {}

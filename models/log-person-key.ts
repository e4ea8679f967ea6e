import { key, reference, table, text, time } from './columns.js';

/** The key under which what names a user stands in the security log, itself sealed. With the user it goes, and what it opened with it. */
export class LogPersonKey extends table('log_person_keys', {
  tenantId: reference,
  userId: key(reference),
  sealedKey: text,
  createdAt: time,
}) {}

/** Whose key it is: sealed in with it, so that a row cannot be given to somebody else. */
export function aboutPersonKey({ tenantId, userId }: Pick<LogPersonKey, 'tenantId' | 'userId'>): string {
  return `log-person-key/${tenantId}/${userId}`;
}

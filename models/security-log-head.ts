import { key, reference, table, text, time, withDefault } from './columns.js';

/** The end of a tenant's chain, kept apart, so that rows cut off the end are missed too. */
export class SecurityLogHead extends table('security_log_heads', {
  tenantId: key(reference),
  count: time,
  hash: text,
  keyId: text,
  mac: text,
  /** How many of its first rows have been archived, and the hash of the last of these: the walk begins there. */
  archivedCount: withDefault(time, 0),
  archivedHash: withDefault(text, ''),
  archivedKeyId: withDefault(text, ''),
  archivedMac: withDefault(text, ''),
}) {
  /** How many rows of this log are in archives, and so no longer here. */
  static async archivedOf(tenantId: string): Promise<number> {
    const [head] = await SecurityLogHead.findAll({ where: { tenantId }, attributes: ['archivedCount'] });
    return head?.archivedCount ?? 0;
  }
}

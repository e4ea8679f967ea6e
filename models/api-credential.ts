import { Op, type NonAttribute } from 'sequelize';
import { CREDENTIAL_ENDS, CREDENTIAL_KINDS } from '#policies/enumerations.js';
import { soughtName } from '#policies/names.js';
import {
  id,
  of,
  optionalCount,
  optionalReference,
  optionalText,
  optionally,
  optionalTime,
  reference,
  table,
  text,
  time,
  withDefault,
} from './columns.js';

/** A credential for programs: one of many API tokens, the API key or the API password. Its secrets stand in their own table. */
export class ApiCredential extends table(
  'api_credentials',
  {
    id,
    tenantId: reference,
    userId: reference,
    kind: of(CREDENTIAL_KINDS),
    name: text,
    /** The folded name, set by the hook below. What is searched is made of it and of its owner's, by the database. */
    nameKey: withDefault(text, ''),
    roleId: optionalReference,
    /** JSON array of permissions; null is all of the role. */
    scopes: optionalText,
    allowedIps: withDefault(text, ''),
    months: optionalCount,
    createdAt: time,
    expiresAt: optionalTime,
    revokedAt: optionalTime,
    /** Who revoked it, where that was somebody, and why. */
    endedBy: optionalReference,
    endedBecause: optionally(CREDENTIAL_ENDS),
    /** Since when it waits for an approval, and opens nothing. */
    waitingSince: optionalTime,
    lastUsedAt: optionalTime,
    lastUsedIp: optionalText,
    /** The least days before expiry that its owner has been mailed about: 14, 3 or 0. */
    noticedDays: optionalCount,
  },
  (row) => {
    row.nameKey = soughtName(row.name);
  },
) {
  /** How many of a user's work now. */
  static async countLive({ id: userId, tenantId }: { id: string; tenantId: string }, now: number): Promise<number> {
    const expiresAt = { [Op.or]: [null, { [Op.gt]: now }] };
    return ApiCredential.count({ where: { tenantId, userId, revokedAt: null, expiresAt } });
  }

  /** The token's narrower choice of permissions; null is all of its role. */
  get scopeList(): NonAttribute<string[] | null> {
    return this.scopes === null ? null : (JSON.parse(this.scopes) as string[]);
  }
}

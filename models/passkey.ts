import { flag, id, optionalText, optionalTime, reference, table, text, time } from './columns.js';
import type { Question } from './question.js';

/**
 * Whether a user, `users` in the query around, could do without a password: two passkeys that sign in alone, or one and
 * recovery codes. Those in doubt, or of another address, count as well: what they lack must not let a password in.
 */
export function enoughPasskeys(users: string): string {
  const of = `tenant_id = ${users}.tenant_id AND user_id = ${users}.id`;
  return `((SELECT COUNT(*) FROM passkeys WHERE ${of} AND verified AND sign_in_alone)
    + (SELECT COUNT(*) FROM (SELECT 1 FROM recovery_codes WHERE ${of} AND used_at IS NULL AND replaced_at IS NULL LIMIT 1) AS codes) >= 2)`;
}

/** Whether a user, `users` in the query around, is marked break-glass, with a passkey that is not in doubt: without one the mark lifts nothing. */
export function breakGlassKeyed(users: string): string {
  return `(${users}.break_glass AND EXISTS (
    SELECT 1 FROM passkeys WHERE tenant_id = ${users}.tenant_id AND user_id = ${users}.id AND suspended_at IS NULL))`;
}

/** And whether the mark holds, as `policies` lets passkeys be used: a password would be all that a rule was lifted for. */
export function breakGlassHolds(users: string, policies: string): string {
  return `(${policies}.passkeys <> 'off' AND ${breakGlassKeyed(users)})`;
}

/** What decides how far the password of a user `u` reaches, as the policy `p` stands. */
export const REACH_COLUMNS = `${breakGlassHolds('u', 'p')} AS exempt, COALESCE(u.joined_at, u.created_at) AS joined_at, ${enoughPasskeys('u')} AS has_enough`;

/** A passkey of a user: a WebAuthn credential, of which we hold the public half. */
export class Passkey extends table('passkeys', {
  id,
  tenantId: reference,
  userId: reference,
  /** The host that it was made at, and answers to alone. */
  rpId: text,
  /** Base64url, as the authenticator named it. */
  credentialId: text,
  /** 64 random bytes, base64url, the same for all passkeys of a user: what the authenticator knows the user by. */
  userHandle: text,
  publicKey: text,
  /** How often it was used, as it says itself; 0 for good where it is synced. */
  counter: time,
  /** By what browsers reach it, parted by spaces. */
  transports: text,
  /** What sort of authenticator it says it is: a name to show, and no proof. */
  aaguid: text,
  /** May be copied to other devices of its owner (backup eligible); never changes. */
  synced: flag,
  backedUp: flag,
  /** Made with PIN, finger or face. */
  verified: flag,
  /** Its owner lets it stand for the password too. */
  signInAlone: flag,
  name: text,
  createdAt: time,
  lastUsedAt: optionalTime,
  lastUsedIp: optionalText,
  /** JSON of `server/lib/client.ts`. */
  lastUsedClient: optionalText,
  /** Nobody could tell whether its owner had added it: it proves nothing until they put it back. */
  suspendedAt: optionalTime,
}) {
  /** How many passkeys the user has. */
  static countOf(user: { id: string; tenantId: string }): Question<number> {
    return {
      columns: ['passkeys'],
      sql: 'SELECT COUNT(*) AS passkeys FROM passkeys WHERE tenant_id = $1 AND user_id = $2',
      bind: [user.tenantId, user.id],
      answer: ([row]) => Number(row?.['passkeys']),
    };
  }

  /** Whether the user has any, suspended ones too: what is in doubt is no reason to ask for less. */
  static async ofSomeKind(user: { id: string; tenantId: string }): Promise<boolean> {
    const found = await Passkey.findOne({ where: { tenantId: user.tenantId, userId: user.id }, attributes: ['id'] });
    return found !== null;
  }
}

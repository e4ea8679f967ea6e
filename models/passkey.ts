import { flag, id, optionalText, optionalTime, reference, table, text, time } from './columns.js';
import type { Question } from './question.js';

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

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';

export interface SecretKey {
  id: string;
  bytes: Buffer;
}

/** One purpose, one key: a value signed for one thing can never be shown for another. */
export type Purpose =
  | 'session-cookie'
  | 'csrf'
  | 'security-log'
  | 'flash'
  | 'browser'
  | 'sealed'
  | 'throttle'
  | 'recovery-code'
  | 'sent-form';

export interface Keyring {
  readonly currentId: string;
  /** True when a key of this id is in the ring. */
  has(keyId: string): boolean;
  /** Keyed hash (HMAC-SHA-256, base64url) under the named key, by default the current one. */
  mac(purpose: Purpose, text: string, keyId?: string): string;
  /** True when any key of the ring made this mac: what was signed before a rotation stays good. */
  verifyMac(purpose: Purpose, text: string, mac: string): boolean;
  /** AES-256-GCM with a random nonce; `about` (whose it is) is authenticated, so a value cannot be moved to another row. */
  seal(plain: string, about: string): string;
  /** Opens what `seal` made; throws when it was changed, moved, or its key is gone. */
  open(sealed: string, about: string): string;
  /** Newest first, as express-session wants them. */
  cookieSecrets(): string[];
}

/** Keys for each purpose, derived (HKDF-SHA-256, RFC 5869) from the secret keys, of which the first is current. */
export function createKeyring(secretKeys: readonly SecretKey[]): Keyring {
  const current = secretKeys[0];
  if (!current) throw new Error('A keyring needs at least one secret key.');
  const derived = new Map<string, KeyObject>();
  // A key object: Node 24 makes one anew for each mac that is given the bytes.
  const derive = (purpose: Purpose, key: SecretKey): KeyObject => {
    const name = `${purpose}/${key.id}`;
    let made = derived.get(name);
    if (!made) {
      made = createSecretKey(Buffer.from(hkdfSync('sha256', key.bytes, 'gatehouse', purpose, 32)));
      derived.set(name, made);
    }
    return made;
  };
  const byId = (id: string): SecretKey => {
    const key = secretKeys.find((candidate) => candidate.id === id);
    if (!key) throw new Error(`The secret key "${id}" is not in the ring.`);
    return key;
  };
  const mac = (purpose: Purpose, text: string, key: SecretKey): string =>
    createHmac('sha256', derive(purpose, key)).update(text).digest('base64url');

  return {
    currentId: current.id,
    has: (keyId) => secretKeys.some(({ id }) => id === keyId),
    mac: (purpose, text, keyId) => mac(purpose, text, keyId === undefined ? current : byId(keyId)),
    verifyMac: (purpose, text, given) => secretKeys.some((key) => sameText(mac(purpose, text, key), given)),
    seal(plain, about) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', derive('sealed', current), nonce).setAAD(Buffer.from(about));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${current.id}.${nonce.toString('base64url')}.${body.toString('base64url')}`;
    },
    open(sealed, about) {
      const [id = '', nonce = '', body = ''] = sealed.split('.');
      const bytes = Buffer.from(body, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', derive('sealed', byId(id)), Buffer.from(nonce, 'base64url'), {
        authTagLength: 16,
      });
      decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
    },
    cookieSecrets: () => secretKeys.map((key) => derive('session-cookie', key).export().toString('base64url')),
  };
}

/** Compares two texts without telling by its time where they differ. */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

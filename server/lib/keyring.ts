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
  | 'former-name'
  | 'key-check'
  | 'backup'
  | 'sent-form'
  | 'passkey'
  | 'access-pass';

// What is kept for years, and cannot be made anew: a retired key still tells whether it is as it was written.
const LASTING: ReadonlySet<Purpose> = new Set(['security-log', 'recovery-code', 'former-name', 'key-check', 'backup']);

export interface Keyring {
  readonly currentId: string;
  /** The current key first, then the retired ones. */
  readonly ids: readonly string[];
  /** True when a key of this id is in the ring. */
  has(keyId: string): boolean;
  /** Keyed hash (HMAC-SHA-256, base64url) under the named key, by default the current one. A retired key makes it for what lasts alone. */
  mac(purpose: Purpose, text: string, keyId?: string): string;
  /** True when the current key made this mac: what a retired one has signed is worth nothing. */
  verifyMac(purpose: Purpose, text: string, mac: string): boolean;
  /** AES-256-GCM with a random nonce; `about` (whose it is) is authenticated, so a value cannot be moved to another row. */
  seal(plain: string, about: string): string;
  /** Opens what `seal` made; throws when it was changed, moved, or its key is gone. */
  open(sealed: string, about: string): string;
  /** The same for what comes from outside, where a retired key opens nothing. */
  openCurrent(sealed: string, about: string): string;
  /** What express-session signs with: one list, which always holds the current secret alone. */
  cookieSecrets(): string[];
  /** Reads the keys again where they stand. True when another is current now. */
  refresh(): boolean;
}

/**
 * Keys for each purpose, derived (HKDF-SHA-256, RFC 5869) from the secret keys: the first is current, the others are
 * retired. `reread` gives them anew when one is asked for that is not there, as in the middle of a rotation.
 */
export function createKeyring(
  given: readonly SecretKey[],
  reread: () => readonly SecretKey[] | null = () => null,
): Keyring {
  if (!given[0]) throw new Error('A keyring needs at least one secret key.');
  let secretKeys = given;
  let current = given[0];
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
  const cookieSecret = (): string => derive('session-cookie', current).export().toString('base64url');
  const cookies = [cookieSecret()];

  const refresh = (): boolean => {
    const [first, ...others] = reread() ?? [];
    // Keys without the one in use are no rotation but somebody else's file.
    if (!first || ![first, ...others].some((key) => isSame(key, current)) || isSame(first, current)) return false;
    secretKeys = [first, ...others];
    current = first;
    derived.clear();
    cookies[0] = cookieSecret();
    return true;
  };
  const find = (id: string): SecretKey | undefined => {
    const inRing = (): SecretKey | undefined => secretKeys.find((candidate) => candidate.id === id);
    return inRing() ?? (refresh() ? inRing() : undefined);
  };
  const byId = (id: string): SecretKey => {
    const key = find(id);
    if (!key) throw new Error(`The secret key "${id}" is not in the ring.`);
    return key;
  };
  const mac = (purpose: Purpose, text: string, key: SecretKey): string =>
    createHmac('sha256', derive(purpose, key)).update(text).digest('base64url');
  const openWith = (key: SecretKey, sealed: string, about: string): string => {
    const [, nonce = '', body = ''] = sealed.split('.');
    const bytes = Buffer.from(body, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', derive('sealed', key), Buffer.from(nonce, 'base64url'), {
      authTagLength: 16,
    });
    decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
  };

  return {
    get currentId() {
      return current.id;
    },
    get ids() {
      return secretKeys.map(({ id }) => id);
    },
    has: (keyId) => find(keyId) !== undefined,
    mac(purpose, text, keyId) {
      const key = keyId === undefined ? current : byId(keyId);
      if (key !== current && !LASTING.has(purpose)) throw new Error(`A retired key makes nothing for "${purpose}".`);
      return mac(purpose, text, key);
    },
    verifyMac: (purpose, text, made) => sameText(mac(purpose, text, current), made),
    seal(plain, about) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', derive('sealed', current), nonce).setAAD(Buffer.from(about));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${current.id}.${nonce.toString('base64url')}.${body.toString('base64url')}`;
    },
    open: (sealed, about) => openWith(byId(keyIdOf(sealed)), sealed, about),
    openCurrent(sealed, about) {
      if (keyIdOf(sealed) !== current.id) throw new Error('This was not sealed with the current key.');
      return openWith(current, sealed, about);
    },
    cookieSecrets: () => cookies,
    refresh,
  };
}

// The id of the key that something was sealed with.
function keyIdOf(sealed: string): string {
  return sealed.split('.')[0] ?? '';
}

function isSame(one: SecretKey, other: SecretKey): boolean {
  return one.id === other.id && one.bytes.equals(other.bytes);
}

/** Compares two texts without telling by its time where they differ. */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

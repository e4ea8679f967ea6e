import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import type { Page } from './browser.js';

/** What an authenticator does otherwise than a good one. */
export interface Oddities {
  origin?: string;
  /** The host whose hash it signs. */
  rpId?: string;
  verified?: boolean;
  /** Nobody touched it. */
  absent?: boolean;
  synced?: boolean;
  backedUp?: boolean;
  counter?: number;
  challenge?: string;
  userHandle?: string | null;
  type?: string;
  crossOrigin?: boolean;
  /** What it says it is, 32 hexadecimal digits. */
  aaguid?: string;
  /** Signs with another key than the one it was made with. */
  forged?: boolean;
}

interface Options {
  challenge: string;
  rpId?: string;
  rp?: { id: string };
  user?: { id: string };
}

/** An authenticator in software: makes a passkey and answers for it, and does what no browser would. */
export class Authenticator {
  readonly id = randomBytes(32).toString('base64url');
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #ways: Oddities;
  counter = 0;
  userHandle: string | undefined;

  constructor(ways: Oddities = {}) {
    this.#ways = { verified: true, synced: false, backedUp: false, ...ways };
  }

  /** The answer to a page that makes a passkey. */
  create(page: Page, odd: Oddities = {}): string {
    const options = optionsOn(page);
    const ways = { ...this.#ways, ...odd };
    this.userHandle = options.user?.id;
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' });
    const cose = Buffer.concat([
      Buffer.from('a5010203262001215820', 'hex'),
      Buffer.from(x, 'base64url'),
      Buffer.from('225820', 'hex'),
      Buffer.from(y, 'base64url'),
    ]);
    const id = Buffer.from(this.id, 'base64url');
    const attested = Buffer.concat([
      Buffer.from(ways.aaguid ?? '0'.repeat(32), 'hex'),
      Buffer.from([0, id.length]),
      id,
      cose,
    ]);
    const data = this.#data(ways.rpId ?? options.rp?.id ?? '', ways, 0x40, attested);
    // {"fmt": "none", "attStmt": {}, "authData": …}
    const attestationObject = Buffer.concat([
      Buffer.from('a363666d74646e6f6e656761747453746d74a0686175746844617461', 'hex'),
      Buffer.from([0x59, data.length >> 8, data.length & 0xff]),
      data,
    ]);
    return this.#answer({
      clientDataJSON: this.#client('webauthn.create', options, page, ways),
      attestationObject: attestationObject.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** The answer to a page that asks for a passkey. */
  get(page: Page, odd: Oddities = {}): string {
    const options = optionsOn(page);
    const ways = { ...this.#ways, ...odd };
    const data = this.#data(ways.rpId ?? options.rpId ?? '', ways, 0);
    const clientDataJSON = this.#client('webauthn.get', options, page, ways);
    const hash = createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest();
    const key: KeyObject = ways.forged
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      : this.#keys.privateKey;
    const handle = ways.userHandle === undefined ? this.userHandle : ways.userHandle;
    return this.#answer({
      clientDataJSON,
      authenticatorData: data.toString('base64url'),
      signature: sign('sha256', Buffer.concat([data, hash]), key).toString('base64url'),
      ...(handle == null ? {} : { userHandle: handle }),
    });
  }

  #answer(response: object): string {
    const { id } = this;
    return JSON.stringify({ id, rawId: id, type: 'public-key', clientExtensionResults: {}, response });
  }

  #client(type: string, { challenge }: Options, page: Page, ways: Oddities): string {
    const said = {
      type: ways.type ?? type,
      challenge: ways.challenge ?? challenge,
      origin: ways.origin ?? page.origin,
    };
    return Buffer.from(JSON.stringify({ ...said, crossOrigin: ways.crossOrigin ?? false })).toString('base64url');
  }

  #data(rpId: string, ways: Oddities, more: number, attested = Buffer.alloc(0)): Buffer {
    const flags =
      (ways.absent ? 0 : 0x01) |
      (ways.verified ? 0x04 : 0) |
      (ways.synced ? 0x08 : 0) |
      (ways.backedUp ? 0x10 : 0) |
      more;
    if (ways.counter !== undefined) this.counter = ways.counter;
    else if (!ways.synced) this.counter += 1;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(this.counter);
    return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([flags]), count, attested]);
  }
}

/** What a page asks an authenticator for. */
export function optionsOn(page: Page): Options & Record<string, unknown> {
  const form = page.document.querySelector('[data-options]');
  if (!form)
    throw new Error(`${page.path} asks for no passkey: ${page.heading}. ${page.alert || page.text.slice(0, 300)}`);
  return JSON.parse(form.getAttribute('data-options') ?? '') as Options & Record<string, unknown>;
}

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Null where OpenSSH's own program is there to compare with; else why its tests are skipped. */
export const withoutKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined ? null : 'ssh-keygen is not installed';

export interface KeyPair {
  /** The file of the private key; the public one is beside it. */
  file: string;
  publicKey: string;
  privateKey: string;
}

/** Makes a pair as people do, with `ssh-keygen`. */
export function keygen(folder: string, name: string, ...options: string[]): KeyPair {
  const file = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', `${name}@laptop`, '-f', file, ...options], { stdio: 'pipe' });
  return { file, publicKey: readFileSync(`${file}.pub`, 'utf8'), privateKey: readFileSync(file, 'utf8') };
}

/** The public half of a pair in another form: RFC4716, PKCS8 or PEM. */
export function exported(file: string, form: string): string {
  return execFileSync('ssh-keygen', ['-e', '-m', form, '-f', `${file}.pub`], { encoding: 'utf8' });
}

/** What `ssh-keygen`, called like this with a file at the end, makes of a text in that file. */
export function turned(folder: string, text: string, options: string): string {
  const file = join(folder, 'turned');
  writeFileSync(file, text);
  return execFileSync('ssh-keygen', [...options.split(' '), file], { encoding: 'utf8', stdio: 'pipe' });
}

/** The private half of a pair, written anew in another form: PKCS8 or PEM. */
export function privateAs(file: string, form: string): string {
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', '', '-m', form, '-f', file], { stdio: 'pipe' });
  return readFileSync(file, 'utf8');
}

/** The certificate that an authority gives to a key. */
export function certified(authority: string, file: string): string {
  execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'uma', '-n', 'uma', `${file}.pub`], { stdio: 'pipe' });
  return readFileSync(`${file}-cert.pub`, 'utf8');
}

/** What `ssh-keygen -lf` says of a public key: its bits and its fingerprint. */
export function keygenSays(publicKey: string): { bits: number; fingerprint: string } {
  const line = execFileSync('ssh-keygen', ['-lf', '-'], { input: publicKey, encoding: 'utf8' });
  const [bits = '', fingerprint = ''] = line.split(' ');
  return { bits: Number(bits), fingerprint };
}

/** A public key of one line, put together from its fields (RFC 4253, 6.6), whatever they are. */
export function keyLine(type: string, ...fields: Buffer[]): string {
  const parts = [Buffer.from(type), ...fields].flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return [length, field];
  });
  return `${type} ${Buffer.concat(parts).toString('base64')} made@test`;
}

/** A good ed25519 key, another each time. */
export function newKeyLine(): string {
  return keyLine('ssh-ed25519', randomBytes(32));
}

/** A point of the curve, uncompressed, as ECDSA keys hold it. */
export function pointOf(namedCurve: 'P-256' | 'P-384' | 'P-521'): Buffer {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
  return Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}

/** An RSA modulus of so many bits, as the wire form writes numbers; of no real key. */
export function modulusOf(bits: number): Buffer {
  const bytes = randomBytes(Math.ceil(bits / 8));
  const top = (bits - 1) % 8;
  bytes[0] = ((bytes[0] ?? 0) & ((1 << top) - 1)) | (1 << top);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 1;
  return top === 7 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}

export const EXPONENT = Buffer.from([1, 0, 1]);

/** The fingerprint of a line, worked out from nothing but its second word. */
export function fingerprintOf(line: string): string {
  const blob = Buffer.from(line.split(' ')[1] ?? '', 'base64');
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

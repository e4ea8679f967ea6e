import { randomBytes } from 'node:crypto';
import { PasskeyChallenge } from '#models/passkey-challenge.js';
import type { Context } from '#server/context.js';
import { MINUTE, SECOND } from '#server/lib/clock.js';
import { sameText } from '#server/lib/keyring.js';
import { hashToken } from '#server/lib/random-token.js';

const LIFE = 5 * MINUTE;
const RANDOM = 12;
const TIME = 4;
const SEAL = 16;

/**
 * What a passkey is to answer: 32 bytes, of which 12 are random, 4 the time, and 16 our own seal over both and over what it
 * is asked for (`about`: which ceremony, of whose session or sign-in or browser). Nothing is kept of one that nobody
 * answers, so that opening a page costs no row; one that is answered is kept, and never taken again.
 */
export function newChallenge({ services, now }: Pick<Context, 'services' | 'now'>, about: string): string {
  const head = Buffer.alloc(RANDOM + TIME);
  randomBytes(RANDOM).copy(head);
  head.writeUInt32BE(Math.floor(now / SECOND), RANDOM);
  return Buffer.concat([head, sealOf(services, head, about)]).toString('base64url');
}

/** Whether this was asked for here, for this, and not long ago. Takes nothing. */
export function isOwnChallenge(context: Pick<Context, 'services'>, challenge: string, about: string): boolean {
  return ageOf(context, challenge, about) < LIFE;
}

/** Whether it was, and too long ago. */
export function isStaleChallenge(context: Pick<Context, 'services'>, challenge: string, about: string): boolean {
  const age = ageOf(context, challenge, about);
  return age >= LIFE && age < Infinity;
}

// Of what we have not asked for, for this, there is no age.
function ageOf({ services }: Pick<Context, 'services'>, challenge: string, about: string): number {
  const bytes = Buffer.from(challenge, 'base64url');
  if (bytes.length !== RANDOM + TIME + SEAL || bytes.toString('base64url') !== challenge) return Infinity;
  const head = bytes.subarray(0, RANDOM + TIME);
  const age = services.clock.now() - bytes.readUInt32BE(RANDOM) * SECOND;
  const seal = bytes.subarray(RANDOM + TIME).toString('base64url');
  return sameText(seal, sealOf(services, head, about).toString('base64url')) ? age : Infinity;
}

/** Takes a challenge of ours, once, before what answers it is looked at. */
export async function takeChallenge(context: Context, challenge: string, about: string): Promise<boolean> {
  const { database, clock } = context.services;
  return (
    isOwnChallenge(context, challenge, about) && PasskeyChallenge.take(database, hashToken(challenge), clock.now())
  );
}

/** The handle of a user who has none yet, 64 bytes: it follows from the challenge of the page that first asks for a passkey. */
export function handleFrom({ services }: Pick<Context, 'services'>, challenge: string): string {
  const halves = ['one', 'two'].map((half) =>
    Buffer.from(services.keys.mac('passkey', `handle ${half} ${challenge}`), 'base64url'),
  );
  return Buffer.concat(halves).toString('base64url');
}

function sealOf({ keys }: Context['services'], head: Buffer, about: string): Buffer {
  return Buffer.from(keys.mac('passkey', `${about} ${head.toString('base64url')}`), 'base64url').subarray(0, SEAL);
}

import { newId } from '#models/columns.js';
import type { User } from '#models/user.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { describeClient } from '#server/lib/client.js';

// The rows of which `fill` makes years of an organisation, each by its number alone.

const CLIENT = JSON.stringify(
  describeClient({ 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0' }),
);
const NAMES = [
  'Nightly backup',
  'Deployments',
  'Dashboard',
  'Invoices',
  'Status page',
  'Data warehouse',
  'On-call bot',
];

type State = Pick<User, 'status' | 'twoFactor' | 'createdAt' | 'lastSignedInAt' | 'lockedUntil'>;

/** Which sort of person: by neither of their names, so that no order of the list has those of one sort together. */
export function kindOf(number: number): number {
  return (Math.floor(number / 20) * 7 + (number % 20) * 3 + Math.floor(number / 400) * 11) % 20;
}

// Of every twenty: one is invited, one disabled, two have long been away, fourteen have a second factor; one of thousands is locked.
export function stateOf(kind: number, from: number, now: number): State {
  const invited = kind === 7;
  const away = kind === 11 || kind === 15 ? 100 * DAY : kind * 31 * MINUTE;
  return {
    status: invited ? 'invited' : kind === 13 ? 'disabled' : 'active',
    twoFactor: kind < 15 && !invited && kind !== 4 ? 'active' : 'disabled',
    createdAt: now - (120 + (from / 50 + kind)) * DAY,
    lastSignedInAt: invited ? null : now - away - from * 17,
    lockedUntil: kind === 4 && from % 20_000 === 0 ? now + 35 * MINUTE : null,
  };
}

export interface Numbered {
  tenantId: string;
  userId: string;
  number: number;
}

export function passkeyOf({ tenantId, userId, number }: Numbered, now: number) {
  return {
    ...{
      tenantId,
      userId,
      rpId: 'localhost',
      credentialId: `bench-${number}`,
      userHandle: `bench-${number}`,
      publicKey: '',
    },
    ...{
      counter: 0,
      transports: 'internal',
      aaguid: '',
      synced: true,
      backedUp: true,
      verified: true,
      signInAlone: true,
    },
    ...{ name: 'Phone', createdAt: now - 50 * DAY },
  };
}

export function sessionOf({ tenantId, userId, number }: Numbered, now: number) {
  const at = now - (number % 700) * MINUTE;
  const times = { createdAt: at, lastSeenAt: now - MINUTE, authenticatedAt: at, modifiedAt: at };
  return { tenantId, userId, sidHash: `bench-${number}`, epoch: 0, ip: '192.0.2.1', client: CLIENT, ...times };
}

export function mailOf({ tenantId, userId, number }: Numbered, now: number) {
  const createdAt = now - (number % 20_000) * 4 * MINUTE;
  const state = number % 1000 === 1 ? ('failed' as const) : ('sent' as const);
  const subject = 'A new browser signed in to your account';
  return {
    ...{
      tenantId,
      userId,
      event: 'new-sign-in',
      recipient: `somebody.${number}@acme.example`,
      subject,
      state,
      createdAt,
    },
    ...{ nextTryAt: createdAt, sentAt: state === 'sent' ? createdAt : null, tries: 1 },
  };
}

// Of every hundred: ten were revoked, five have run out, ten end soon, ten are used no more, two have no end, five last too long.
export function credentialOf({ tenantId, userId, number }: Numbered, roleId: string, now: number) {
  const place = Math.floor(number / 5) % 100;
  const createdAt = now - (100 + (number % 200)) * DAY - number;
  const ends = place >= 10 && place < 15 ? -number : place >= 15 && place < 25 ? 10 * DAY + number : 200 * DAY + number;
  const months = place >= 37 && place < 42 ? 60 : 12;
  return {
    ...{ id: newId(), tenantId, userId, kind: place % 9 === 0 ? ('key' as const) : ('token' as const) },
    name: `${NAMES[number % NAMES.length] ?? ''} ${number % 1000}`,
    ...{ roleId, months, createdAt },
    expiresAt: place === 35 || place === 36 ? null : months === 60 ? createdAt + 1800 * DAY : now + ends,
    revokedAt: place < 10 ? now - 30 * DAY : null,
    lastUsedAt: place >= 25 && place < 35 ? null : now - number * 60,
    // Their owners have been told when it ends: ten thousand mails are work, and not what is measured.
    noticedDays: 0,
    allowedIps: place % 4 === 0 ? '192.0.2.0/24' : '',
  };
}

export function keyOf({ tenantId, userId, number }: Numbered, now: number) {
  return {
    ...{
      tenantId,
      userId,
      name: `Laptop ${number % 1000}`,
      type: 'ssh-ed25519',
      bits: 256,
      comment: '',
      blob: `bench-${number}`,
    },
    fingerprint: `SHA256:bench-${number}`,
    createdAt: now - (number % 300) * DAY - number,
    expiresAt: number % 3 === 0 ? null : now + (number % 400) * DAY + number,
    lastUsedAt: number % 7 === 0 ? null : now - number * 60,
  };
}

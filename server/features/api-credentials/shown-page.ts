import type { CredentialKind } from '#policies/enumerations.js';
import type { Response } from 'express';
import { show } from '#server/http/page.js';
import type { SignedInContext } from '#server/context.js';
import { apiAt, ownAddress } from '#server/lib/own-address.js';
import type { Shown } from './tokens.js';

/** A secret on the one page that ever shows it. */
export interface ShownSecret {
  title: string;
  label: string;
  kind: CredentialKind;
  text: string;
  expiresAt: number | null;
  /** It opens nothing before somebody has approved it. */
  waits?: boolean;
  /** What becomes of an old secret. */
  former?: string;
  /** Where to go on from there. */
  onward: string;
}

const NAMES = { token: 'token', key: 'api-key', password: 'api-password' } as const;

/** Shows a secret, once: in the answer to the form that made it, and nowhere else. */
export function showSecret(
  res: Response,
  { services, tenant, user }: SignedInContext,
  { kind, title, waits = false, ...shown }: ShownSecret,
): void {
  const url = `${apiAt(ownAddress(services.config, tenant.slug))}/me`;
  // Without the secret itself: what is typed into a shell is kept in its history.
  const example =
    kind === 'password'
      ? `curl -u ${tenant.slug}/${user.username} ${url}`
      : `curl -H "Authorization: Bearer $TOKEN" ${url}`;
  show(res, 'api-credentials/shown', { title, shown: { ...shown, waits, secret: NAMES[kind] }, example });
}

/** The new secret of a token, and what becomes of the old one. */
export function showRotated(
  res: Response,
  context: SignedInContext,
  { credential: token, secret, overlapHours, onward }: Shown & { overlapHours: keyof typeof FORMER; onward: string },
): void {
  showSecret(res, context, {
    title: token.userId === context.user.id ? 'Your new secret' : 'The new secret',
    label: `New secret of “${token.name}”`,
    kind: 'token',
    text: secret,
    expiresAt: token.expiresAt,
    waits: token.waitingSince !== null,
    former: FORMER[overlapHours],
    onward,
  });
}

const FORMER = {
  0: 'The old secret is dead.',
  1: 'The old secret works for one more hour: give the program the new one by then.',
  24: 'The old secret works for 24 more hours: give the program the new one by then.',
} as const;

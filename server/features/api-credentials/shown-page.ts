import type { CredentialKind } from '#policies/enumerations.js';
import type { Response } from 'express';
import { show } from '#server/http/page.js';
import type { SignedInContext } from '#server/context.js';

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
  const url = `${services.config.baseUrl}/api/v1/me`;
  // Without the secret itself: what is typed into a shell is kept in its history.
  const example =
    kind === 'password'
      ? `curl -u ${tenant.slug}/${user.username} ${url}`
      : `curl -H "Authorization: Bearer $TOKEN" ${url}`;
  show(res, 'api-credentials/shown', { title, shown: { ...shown, waits, secret: NAMES[kind] }, example });
}

import { TotpSecret } from '#models/totp-secret.js';
import type { Context } from '#server/context.js';

/** The secret in clear, for the moment that it is needed. */
export function openSecret(context: Context, row: TotpSecret): string {
  return context.services.keys.open(row.sealedSecret, aboutSecret(row));
}

/** Whose secret it is: sealed in with it, so that a row cannot be given to somebody else. */
export function aboutSecret({ tenantId, userId }: Pick<TotpSecret, 'tenantId' | 'userId'>): string {
  return `totp/${tenantId}/${userId}`;
}

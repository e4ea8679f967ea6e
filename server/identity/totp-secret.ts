import { aboutSecret, type TotpSecret } from '#models/totp-secret.js';
import type { Context } from '#server/context.js';

/** The secret in clear, for the moment that it is needed; null when it is damaged, and nobody can have it any more. */
export function openSecret({ services, requestId }: Context, row: TotpSecret): string | null {
  try {
    return services.keys.open(row.sealedSecret, aboutSecret(row));
  } catch {
    services.log.error({ requestId, user: row.userId }, 'a two-factor secret cannot be opened');
    return null;
  }
}

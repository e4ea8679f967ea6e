import * as z from 'zod';
import type { ShownPasskey } from '#server/identity/passkey.js';
import { apiTime, isoTime } from './fields.js';

/** A passkey as the API shows it, one's own and others'. */
export const passkeyShape = z
  .object({
    id: z.uuid(),
    name: z.string(),
    keptIn: z.string().nullable().describe('Where it says it is kept: a name, and no proof.'),
    synced: z.boolean().describe('May be copied to other devices of its owner.'),
    verified: z.boolean().describe('Was made with PIN, finger or face.'),
    signInAlone: z.boolean().describe('Its owner lets it sign in without a password, where the policy does.'),
    asleep: z.boolean().describe('Made for an address at which the portal no longer is.'),
    suspended: z.boolean().describe('Proves nothing until its owner puts it back.'),
    createdAt: apiTime,
    lastUsedAt: apiTime.nullable(),
    lastUsedIp: z.string().nullable(),
    lastUsedBrowser: z.string().nullable(),
  })
  .meta({ id: 'Passkey' });

/** The same of one passkey. */
export function passkeyAsJson({ lastUsed, createdAt, ...passkey }: ShownPasskey): z.infer<typeof passkeyShape> {
  return {
    ...passkey,
    createdAt: isoTime(createdAt),
    lastUsedAt: isoTime(lastUsed?.at ?? null),
    lastUsedIp: lastUsed?.ip ?? null,
    lastUsedBrowser: lastUsed?.browser ?? null,
  };
}

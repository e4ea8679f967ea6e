import { Passkey } from '#models/passkey.js';
import { isIpAllowed } from '#policies/ip-range.js';

/** Whether the address rule keeps this user out of the pages, as the mark of a break-glass account stands. */
export async function isShutOut(
  { id: userId, tenantId, breakGlass }: { id: string; tenantId: string; breakGlass: boolean },
  policy: { passkeys: string; allowedIps: string },
  ip: string | null,
): Promise<boolean> {
  if (isIpAllowed(policy.allowedIps, ip)) return false;
  const holds = breakGlass && policy.passkeys !== 'off';
  return !holds || (await Passkey.count({ where: { tenantId, userId, suspendedAt: null } })) === 0;
}

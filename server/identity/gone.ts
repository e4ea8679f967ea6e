import type { Read } from '#models/database.js';
import type { UserState } from '#policies/enumerations.js';
import { mustStay } from './able-owners.js';

interface Leaver {
  id: string;
  tenantId: string;
  /** When the account goes, whose owner has asked for that. */
  removalAt: number | null;
}

/**
 * Whether the moment has come at which an account goes, as its owner has asked. What erases it runs by the clock and may be late;
 * what it would keep, as nobody else could look after the organisation, has not gone.
 */
export async function hasGone(read: Read, user: Leaver, now: number): Promise<boolean> {
  return user.removalAt !== null && now >= user.removalAt && !(await mustStay(read, user));
}

/** Whether an account lets anybody in: it is active, and has not gone. */
export async function isOpen(read: Read, user: Leaver & { status: UserState }, now: number): Promise<boolean> {
  return user.status === 'active' && !(await hasGone(read, user, now));
}

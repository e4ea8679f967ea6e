import { Session } from '#models/session.js';
import type { SignedInContext } from '#server/context.js';
import { SignedOut } from '#server/errors.js';
import { admit, type Demand } from './admission.js';
import { readPrincipal } from './principal.js';

/**
 * Throws where what somebody was let in for has been taken from them since. Time alone takes nothing: what was begun
 * while the session was good may go on. A session that goes on under another id is the same one.
 */
export async function stillAdmitted({ services, session, now, ip }: SignedInContext, demand: Demand): Promise<void> {
  const live = await Session.findOne({ where: { id: session.id, endedAt: null }, attributes: ['sidHash'] });
  const principal = live && (await readPrincipal(services.database.readTogether, live.sidHash, { now, ip }));
  if (!principal) throw new SignedOut();
  admit(principal, demand);
}

import { Session } from '#models/session.js';
import type { UserContext } from '#server/context.js';
import { SignedOut } from '#server/errors.js';
import { callerNow } from './acting.js';
import { admit, type Demand } from './admission.js';
import { readPrincipal } from './principal.js';

/**
 * Throws where what somebody was let in for has been taken from them since. Time alone takes nothing: what was begun
 * while the session or the credential was good may go on. A session that goes on under another id is the same one.
 */
export async function stillAdmitted(context: UserContext, demand: Demand): Promise<void> {
  const { services, session, now, ip } = context;
  const { readTogether } = services.database;
  if (!session) {
    await callerNow(readTogether, context, demand, { now, ip });
    return;
  }
  const live = await Session.findOne({ where: { id: session.id, endedAt: null }, attributes: ['sidHash'] });
  const principal = live && (await readPrincipal(readTogether, live.sidHash, { now, ip }));
  if (!principal) throw new SignedOut();
  admit(principal, demand);
}

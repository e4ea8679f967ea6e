import { User } from '#models/user.js';
import { ChangedMeanwhile } from '#server/errors.js';

/** Moves the state on, and with it the epoch: sessions, links, challenges and remembered browsers of before are void. */
export async function moveState(user: User, to: User['twoFactor']): Promise<void> {
  const { tenantId, id, epoch, twoFactor } = user;
  const beginning = twoFactor === 'disabled' && to === 'pending';
  const next = beginning ? epoch : epoch + 1;
  const [moved] = await User.update({ twoFactor: to, epoch: next }, { where: { tenantId, id, epoch, twoFactor } });
  if (moved !== 1) throw new ChangedMeanwhile();
  user.set({ twoFactor: to, epoch: next });
}

/** The same for a change of another factor: what was let in before is let in anew, or not at all. */
export async function moveEpoch(user: User): Promise<void> {
  const { tenantId, id, epoch } = user;
  const [moved] = await User.update({ epoch: epoch + 1 }, { where: { tenantId, id, epoch } });
  if (moved !== 1) throw new ChangedMeanwhile();
  user.set({ epoch: epoch + 1 });
}

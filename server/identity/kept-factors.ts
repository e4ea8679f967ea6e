import { Op } from 'sequelize';
import { newId } from '#models/columns.js';
import { aboutKeptFactors, KeptFactor } from '#models/kept-factor.js';
import { Passkey } from '#models/passkey.js';
import { RecoveryCode } from '#models/recovery-code.js';
import { aboutSecret, TotpSecret } from '#models/totp-secret.js';
import type { User } from '#models/user.js';
import type { Context } from '#server/context.js';
import { LINKS } from './link.js';
import { openSecret } from './totp-secret.js';

/** The factors of a user at one moment. */
interface Factors {
  twoFactor: User['twoFactor'];
  secret: {
    clear: string;
    createdAt: number;
    confirmedAt: number | null;
    lastStep: number;
    replacesActive: boolean;
  } | null;
  passkeys: Passkey['_creationAttributes'][];
  recoveryCodes: string[];
}

/** Keeps the factors of a user aside, sealed, before an administrator takes one away. Gives the id of what is kept. Inside that write. */
export async function keepFactors(context: Context, user: User): Promise<string> {
  const { services, now } = context;
  const { tenantId, id: userId } = user;
  const row = await TotpSecret.findByPk(userId);
  const clear = row && openSecret(context, row);
  const passkeys = await Passkey.findAll({ where: { tenantId, userId } });
  const codes = await RecoveryCode.findAll({ where: { tenantId, userId, usedAt: null, replacedAt: null } });
  const factors: Factors = {
    twoFactor: user.twoFactor,
    secret: row && clear !== null ? { clear: clear ?? '', ...timesOf(row) } : null,
    passkeys: passkeys.map((one) => one.get()),
    recoveryCodes: codes.map(({ id }) => id),
  };
  const id = newId();
  const sealedFactors = services.keys.seal(JSON.stringify(factors), aboutKeptFactors({ id, userId }));
  const expiresAt = now + LINKS.undo.lifetime;
  await KeptFactor.create({ id, tenantId, userId, sealedFactors, createdAt: now, expiresAt });
  return id;
}

/**
 * Puts back what was kept, and ends every factor that was set up since: what is there afterwards is what was there then. Gives
 * the state of the app. Inside a write that holds the user; the epoch is the caller's to move.
 */
export async function putFactorsBack(context: Context, kept: KeptFactor): Promise<User['twoFactor']> {
  const { services, now } = context;
  const { tenantId, userId } = kept;
  const factors = JSON.parse(services.keys.open(kept.sealedFactors, aboutKeptFactors(kept))) as Factors;
  await TotpSecret.destroy({ where: { tenantId, userId } });
  if (factors.secret) {
    const { clear, ...times } = factors.secret;
    const sealedSecret = services.keys.seal(clear, aboutSecret({ tenantId, userId }));
    await TotpSecret.create({ tenantId, userId, sealedSecret, ...times });
  }
  await Passkey.destroy({ where: { tenantId, userId } });
  await Passkey.bulkCreate(factors.passkeys);
  await RecoveryCode.replaceAll(tenantId, userId, now);
  await RecoveryCode.update(
    { replacedAt: null },
    { where: { tenantId, userId, id: factors.recoveryCodes, usedAt: null, createdAt: { [Op.lte]: kept.createdAt } } },
  );
  await KeptFactor.destroy({ where: { tenantId, userId } });
  return factors.secret ? factors.twoFactor : 'disabled';
}

function timesOf({ createdAt, confirmedAt, lastStep, replacesActive }: TotpSecret) {
  return { createdAt, confirmedAt, lastStep, replacesActive };
}

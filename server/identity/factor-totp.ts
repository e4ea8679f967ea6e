import { Op, type Model, type ModelStatic } from 'sequelize';
import { aboutSecret, TotpSecret } from '#models/totp-secret.js';
import type { User } from '#models/user.js';
import { proveCode } from './code.js';
import type { FactorKind } from './factor-kind.js';
import { openSecret } from './totp-secret.js';

/** What is kept of it while it can be put back. */
interface Kept {
  twoFactor: User['twoFactor'];
  secret: ({ clear: string } & ReturnType<typeof timesOf>) | null;
}

/** The app that makes codes (RFC 6238). */
export const TOTP: FactorKind = {
  name: 'totp',
  label: 'authenticator app',
  standsAlone: true,
  held: `u.two_factor = 'active'`,
  holders: null,
  keptAs: null,
  askedWhere: null,
  asked: () => true,
  has: (user) => Promise.resolve(user.twoFactor === 'active'),
  since: async ({ id }) => (await TotpSecret.findByPk(id, { attributes: ['confirmedAt'] }))?.confirmedAt ?? null,
  async remove(_context, { tenantId, id: userId }) {
    await TotpSecret.destroy({ where: { tenantId, userId } });
  },
  async keep(context, { id, twoFactor }) {
    const row = await TotpSecret.findByPk(id);
    const clear = row && openSecret(context, row);
    const secret = row && clear !== null ? { clear: clear ?? '', ...timesOf(row) } : null;
    return { twoFactor, secret } satisfies Kept;
  },
  async putBack({ services }, owner, kept) {
    const { twoFactor, secret } = kept as unknown as Kept;
    await TotpSecret.destroy({ where: owner });
    if (!secret) return { twoFactor: 'disabled' };
    const { clear, ...times } = secret;
    await TotpSecret.create({ ...owner, sealedSecret: services.keys.seal(clear, aboutSecret(owner)), ...times });
    return { twoFactor };
  },
  async prove(context, owner, code) {
    await proveCode(context, owner, code, 'active');
    return ['otp'];
  },
  typed: {
    lead: 'Open your authenticator app and enter the six digits that it shows for',
    instead: 'Use your authenticator app instead',
  },
  page: '/security/two-factor',
  access: [
    {
      // A mailbox must not be enough to take the second factor away: what is proven stays. What is not, see `secureAccount`.
      name: 'totp-secrets',
      model: TotpSecret as ModelStatic<Model>,
      live: () => ({ confirmedAt: { [Op.ne]: null } }),
      end: null,
      nameOf: null,
      on: {},
    },
  ],
  sections: [{ name: 'authenticatorApp', table: 'totp_secrets' }],
};

function timesOf({ createdAt, confirmedAt, lastStep, replacesActive }: TotpSecret) {
  return { createdAt, confirmedAt, lastStep, replacesActive };
}

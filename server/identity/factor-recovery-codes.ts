import { Op, type Model, type ModelStatic } from 'sequelize';
import { RecoveryCode } from '#models/recovery-code.js';
import type { FactorKind } from './factor-kind.js';
import { proveRecoveryCode } from './prove-recovery-code.js';

/** What is kept of them while they can be put back. */
interface Kept {
  recoveryCodes: string[];
}

/** Codes that are used once, in the place of any other factor. */
export const RECOVERY_CODES: FactorKind = {
  name: 'recovery-code',
  label: 'recovery codes',
  standsAlone: false,
  held: `EXISTS (SELECT 1 FROM recovery_codes rc WHERE rc.tenant_id = u.tenant_id AND rc.user_id = u.id
    AND rc.used_at IS NULL AND rc.replaced_at IS NULL)`,
  holders: null,
  keptAs: null,
  askedWhere: null,
  asked: () => true,
  has: async ({ tenantId, id }) => (await RecoveryCode.left(tenantId, id)) > 0,
  since: () => Promise.resolve(null),
  remove: ({ now }, { tenantId, id }) => RecoveryCode.replaceAll(tenantId, id, now),
  async keep(_context, { tenantId, id: userId }) {
    const codes = await RecoveryCode.findAll({ where: { tenantId, userId, usedAt: null, replacedAt: null } });
    return { recoveryCodes: codes.map(({ id }) => id) } satisfies Kept;
  },
  async putBack({ now }, { tenantId, userId }, kept) {
    await RecoveryCode.replaceAll(tenantId, userId, now);
    const { recoveryCodes: id } = kept as unknown as Kept;
    const still = { tenantId, userId, id, usedAt: null, createdAt: { [Op.lte]: kept.at } };
    await RecoveryCode.update({ replacedAt: null }, { where: still });
    return {};
  },
  async prove(context, owner, typed) {
    await proveRecoveryCode(context, owner, typed);
    return ['recovery'];
  },
  typed: null,
  page: '/security/recovery-codes',
  access: [
    {
      // New ones go to whoever is signed in: what the owner may never have seen opens nothing.
      name: 'recovery-codes',
      model: RecoveryCode as ModelStatic<Model>,
      live: () => ({ usedAt: null, replacedAt: null }),
      end: (at) => ({ replacedAt: at }),
      nameOf: null,
      on: { disavowal: 'end what came with it' },
    },
  ],
  sections: [{ name: 'recoveryCodes', table: 'recovery_codes' }],
};

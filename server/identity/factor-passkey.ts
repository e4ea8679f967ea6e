import type { Model, ModelStatic } from 'sequelize';
import { Passkey } from '#models/passkey.js';
import { suspended } from './access-kind.js';
import type { FactorKind } from './factor-kind.js';
import { provePasskey } from './passkey-proof.js';

/** What is kept of them while they can be put back. */
interface Kept {
  passkeys: Passkey['_creationAttributes'][];
}

/** Passkeys (WebAuthn), where they stand beside a password. How they stand for one, see `passkey-sign-in.ts`. */
export const PASSKEY: FactorKind = {
  name: 'passkey',
  label: 'passkey',
  standsAlone: true,
  held: 'EXISTS (SELECT 1 FROM passkeys k WHERE k.tenant_id = u.tenant_id AND k.user_id = u.id)',
  holders: 'SELECT k.user_id FROM passkeys k WHERE k.tenant_id = $1',
  keptAs: 'has_passkey',
  askedWhere: `p.passkeys <> 'off'`,
  asked: ({ passkeys }) => passkeys !== 'off',
  has: (user) => Passkey.ofSomeKind(user),
  async since({ tenantId, id: userId }) {
    // Of nobody's there is no first.
    const first = await Passkey.min<number | null, Passkey>('createdAt', { where: { tenantId, userId } });
    return first ?? null;
  },
  async remove(_context, { tenantId, id: userId }) {
    await Passkey.destroy({ where: { tenantId, userId } });
  },
  async keep(_context, { tenantId, id: userId }) {
    const passkeys = await Passkey.findAll({ where: { tenantId, userId } });
    return { passkeys: passkeys.map((one) => one.get()) } satisfies Kept;
  },
  async putBack(_context, owner, kept) {
    await Passkey.destroy({ where: owner });
    // What somebody else has registered since stays theirs, and keeps nothing else from coming back.
    await Passkey.bulkCreate((kept as unknown as Kept).passkeys, { ignoreDuplicates: true });
    return {};
  },
  async prove(context, owner, credential, about) {
    return (await provePasskey(context, owner, credential, { about, verified: false })).methods;
  },
  typed: null,
  page: '/security/passkeys',
  access: [
    {
      // Suspended it is asked for still, and proves nothing.
      ...suspended(Passkey as ModelStatic<Model>, () => ({})),
      name: 'passkeys',
      nameOf: (row) => `the passkey “${String(row.get('name'))}”`,
      on: { disavowal: 'suspend what is newer' },
    },
  ],
  sections: [{ name: 'passkeys', table: 'passkeys' }],
};

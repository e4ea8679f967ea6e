import { User } from '#models/user.js';
import { underCodeLock } from '#server/identity/code.js';
import type { FactorKind } from '#server/identity/factor-kind.js';

const ZONE = 'Antarctica/Troll';

/** What proves it. */
export const ICE_CODE = '240680';

/** A kind of second factor that nobody has made: six digits, of who keeps the time of Antarctica. */
export const ICE: FactorKind = {
  name: 'ice',
  label: 'ice code',
  standsAlone: true,
  held: `u.time_zone = '${ZONE}'`,
  holders: `SELECT x.id AS user_id FROM users x WHERE x.tenant_id = $1 AND x.time_zone = '${ZONE}'`,
  keptAs: null,
  askedWhere: null,
  asked: () => true,
  has: ({ tenantId, id }) => keepsIt(tenantId, id),
  since: () => Promise.resolve(null),
  remove: (_context, { tenantId, id }) => keep(tenantId, id, 'Europe/Berlin'),
  keep: async (_context, { tenantId, id }) => ({ ice: await keepsIt(tenantId, id) }),
  async putBack(_context, { tenantId, userId }, { ice }) {
    if (ice) await keep(tenantId, userId, ZONE);
    return {};
  },
  async prove(context, owner, code) {
    const { tenantId, id } = owner.user;
    await underCodeLock(context, owner, async () => code === ICE_CODE && (await keepsIt(tenantId, id)));
    return ['otp'];
  },
  typed: { lead: 'Enter the six digits that stand in the ice before', instead: 'Use the ice instead' },
  page: '/security/two-factor',
  access: [],
  sections: [],
};

/** Gives it to somebody. */
export function giveIce({ tenantId, id }: User): Promise<void> {
  return keep(tenantId, id, ZONE);
}

async function keepsIt(tenantId: string, id: string): Promise<boolean> {
  return (await User.count({ where: { tenantId, id, timeZone: ZONE } })) === 1;
}

async function keep(tenantId: string, id: string, timeZone: string): Promise<void> {
  await User.update({ timeZone }, { where: { tenantId, id } });
}

import { Passkey } from '#models/passkey.js';
import { RecoveryCode } from '#models/recovery-code.js';
import { TotpSecret } from '#models/totp-secret.js';
import type { User } from '#models/user.js';
import { passkeysAsked } from '#policies/authentication.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import type { Context } from '#server/context.js';

export type FactorName = 'totp' | 'passkey' | 'recovery-code';

type Owner = Pick<User, 'id' | 'tenantId' | 'twoFactor'>;

/** One kind of second factor. How each is proven stands in `prove-factor.ts`. */
export interface Factor {
  /** False for what only stands in for the others: it goes with the last of them. */
  standsAlone: boolean;
  /** Whether the user has it, asleep or in doubt included. */
  has(user: Owner): Promise<boolean>;
  /** Whether it is asked for at sign-in of who has it; what only stands in is, where another one is. */
  asked(policy: Pick<SecurityPolicy, 'passkeys'>): boolean;
  /** Takes it away, all of it. Inside a transaction. */
  remove(context: Pick<Context, 'now'>, user: Owner): Promise<void>;
}

/** The kinds there are, side by side. Whoever adds another adds its row, its proof, and its page. */
export const FACTORS: Readonly<Record<FactorName, Factor>> = {
  totp: {
    standsAlone: true,
    has: (user) => Promise.resolve(user.twoFactor === 'active'),
    asked: () => true,
    async remove(_context, { tenantId, id: userId }) {
      await TotpSecret.destroy({ where: { tenantId, userId } });
    },
  },
  passkey: {
    standsAlone: true,
    has: (user) => Passkey.ofSomeKind(user),
    asked: (policy) => passkeysAsked(policy, { passkey: true }),
    async remove(_context, { tenantId, id: userId }) {
      await Passkey.destroy({ where: { tenantId, userId } });
    },
  },
  'recovery-code': {
    standsAlone: false,
    has: async ({ tenantId, id }) => (await RecoveryCode.left(tenantId, id)) > 0,
    asked: () => true,
    remove: ({ now }, { tenantId, id }) => RecoveryCode.replaceAll(tenantId, id, now),
  },
};

/** The kinds by which this user can complete a sign-in now: none where the password is all there is. */
export async function factorsOf(user: Owner, policy: Pick<SecurityPolicy, 'passkeys'>): Promise<FactorName[]> {
  const kinds = Object.entries(FACTORS) as [FactorName, Factor][];
  const names: FactorName[] = [];
  for (const [name, { standsAlone, asked, has }] of kinds)
    if (standsAlone && asked(policy) && (await has(user))) names.push(name);
  const standIns = kinds.filter(([, { standsAlone }]) => !standsAlone).map(([name]) => name);
  return names.length === 0 ? [] : [...names, ...standIns];
}

/** Whether the user has a factor that stands alone. */
export async function hasFactor(user: Owner): Promise<boolean> {
  for (const { standsAlone, has } of Object.values(FACTORS)) if (standsAlone && (await has(user))) return true;
  return false;
}

/** Once the last factor that stands alone is gone, what stands in for it goes too. Inside a transaction. */
export async function dropStandIns(context: Pick<Context, 'now'>, user: Owner): Promise<void> {
  if (await hasFactor(user)) return;
  for (const { standsAlone, remove } of Object.values(FACTORS)) if (!standsAlone) await remove(context, user);
}

import { differencesBetween, type PolicyDifference } from '#policies/policy-difference.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import { accessKinds } from '#server/identity/access.js';
import { demandOf, expiringOf, ownPasswordExpires, passwordsEndOf } from './demands.js';
import { heedWaiting } from './heed-waiting.js';
import { FIRST, shutOutBy, type Hit, type ShutOut } from './hit.js';
import { LIMITS, MOST_NAMED } from './limits.js';
import { SecurityPolicy as PolicyRow } from '#models/security-policy.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { type PolicyChange, policyAfter, isRule } from './change.js';

/** What a change of the policy does at once to those who are there. */
export interface PolicyEffects {
  /** People whose password is already older than the new maximum age. */
  passwordsExpiring: number;
  /** One's own is one of them. */
  ownPasswordExpires: boolean;
  sessionsEnding: number;
  /** How many people those sessions belong to. */
  peopleSignedOut: number;
  /** The session that asks is one of them. */
  ownSessionEnds: boolean;
  /** Browsers that are asked for a code again. */
  browsersForgotten: number;
  /** People of whom two-factor authentication is demanded from now on, and who have not set it up. */
  peopleToSetUp: number;
  /** By when they must have, in ms; null when nobody newly must. */
  setUpBy: number | null;
  /** People who cannot do without a password yet, which is to open nothing. */
  peopleToAddPasskeys: number;
  /** By when they must, in ms; null when nobody newly must. */
  passkeysBy: number | null;
  /** Who asks is one of them. */
  ownPasskeysLack: boolean;
  /** People who come from an address that the new list has not. */
  peopleShutOut: number;
  shutOut: ShutOut[];
  /** The first of each, by username; nobody for who may not see users. */
  first: Record<Named, Hit[]>;
  /** Live API tokens that end later than the new longest validity allows; they are shortened. */
  tokensShortened: number;
  /** The same of API keys, and of API passwords. */
  keysShortened: number;
  apiPasswordsShortened: number;
  /** Those of all these that end first, at most fifty. */
  tokensHit: ShortenedCredential[];
}

/** Of what people are named. */
export type Named =
  'passwordsExpiring' | 'peopleSignedOut' | 'browsersForgotten' | 'peopleToSetUp' | 'peopleToAddPasskeys';

/** What one part of a change does. */
export type Effect = Partial<Omit<PolicyEffects, 'first'>> & { first?: Partial<Record<Named, Hit[]>> };

/** How many credentials of a kind are shortened. */
export type Shortened = 'tokensShortened' | 'keysShortened' | 'apiPasswordsShortened';

/** A credential that ends sooner than its owner counts on. */
export interface ShortenedCredential {
  id: string;
  name: string;
  owner: { id: string; username: string; name: string };
  expiresAt: number;
  endsAt: number;
}

/** What would happen, were `before` replaced by `after` now, or at that time. Changes nothing. */
async function effectsOf(
  context: TenantContext,
  before: SecurityPolicy,
  after: SecurityPolicy,
  startsAt: number | null,
): Promise<PolicyEffects> {
  const shutOut = await shutOutBy(context, before, after);
  const effects: PolicyEffects = {
    ...NONE,
    peopleShutOut: shutOut.length,
    ownPasswordExpires: ownPasswordExpires({ ...context, now: startsAt ?? context.now }, before, after),
  };
  const first = { ...NONE.first };
  const hit: ShortenedCredential[] = [];
  const limits = accessKinds()
    .flatMap(({ name }) => LIMITS[name] ?? [])
    .filter(({ brief }) => startsAt === null || !brief);
  const then = startsAt === null ? context : { ...context, now: startsAt };
  for (const part of [expiringOf, demandOf, passwordsEndOf, ...limits.map(({ preview }) => preview)]) {
    const { tokensHit = [], first: people = {}, ...others } = await part(then, before, after);
    Object.assign(effects, others);
    Object.assign(first, people);
    hit.push(...tokensHit);
  }
  // How many is everybody's who may change the policy; which and whose, theirs who may see that anyway.
  const named = can(context.actor, 'credentials:read') ? hit : [];
  const tokensHit = named.sort((one, other) => one.endsAt - other.endsAt).slice(0, MOST_NAMED);
  if (!can(context.actor, 'users:read')) return { ...effects, tokensHit };
  return { ...effects, tokensHit, shutOut: shutOut.slice(0, FIRST), first };
}

const NONE: PolicyEffects = {
  passwordsExpiring: 0,
  ownPasswordExpires: false,
  sessionsEnding: 0,
  peopleSignedOut: 0,
  ownSessionEnds: false,
  browsersForgotten: 0,
  peopleToSetUp: 0,
  setUpBy: null,
  peopleToAddPasskeys: 0,
  passkeysBy: null,
  ownPasskeysLack: false,
  peopleShutOut: 0,
  shutOut: [],
  first: {
    passwordsExpiring: [],
    peopleSignedOut: [],
    browsersForgotten: [],
    peopleToSetUp: [],
    peopleToAddPasskeys: [],
  },
  tokensShortened: 0,
  keysShortened: 0,
  apiPasswordsShortened: 0,
  tokensHit: [],
};

export interface PolicyPreview extends PolicyEffects {
  before: SecurityPolicy;
  after: SecurityPolicy;
  differences: PolicyDifference[];
  /** When it would start; null for at once. */
  startsAt: number | null;
  /** Rules for new passwords change: those in use are checked at their next change. */
  rulesChange: boolean;
}

/** Tells what a change would do, now or at that time, without doing it. Throws `Invalid` where the outcome would contradict itself. */
export async function previewPolicy(
  context: TenantContext,
  change: PolicyChange,
  startsAt: number | null = null,
): Promise<PolicyPreview> {
  if (!can(context.actor, 'policy:write')) throw new Forbidden();
  const before = (await PolicyRow.of(context.tenant.id)).get({ plain: true });
  const after = policyAfter(context, before, change);
  // One for later takes the place of what waits.
  if (startsAt === null) await heedWaiting(context, before, after, context.services.database.read);
  const differences = differencesBetween(before, after);
  const rulesChange = differences.some(({ field }) => isRule(field));
  return { before, after, differences, startsAt, rulesChange, ...(await effectsOf(context, before, after, startsAt)) };
}

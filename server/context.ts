import type { CredentialKind, Door, Theme, TwoFactorState } from '#policies/enumerations.js';
import type { Database } from '#models/database.js';
import type { Actor } from '#policies/actor.js';
import type { Method, PasswordReach } from '#policies/authentication.js';
import type { Duty } from '#policies/duty.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import type { Config } from './config.js';
import type { Aside } from './lib/aside.js';
import type { ClientDescription } from './lib/client.js';
import type { Clock } from './lib/clock.js';
import type { Keyring } from './lib/keyring.js';
import type { Log } from './lib/log.js';
import type { Meters } from './lib/meters.js';
import type { PasswordHasher } from './lib/password-hash.js';

/** What the whole process shares. */
export interface Services {
  config: Config;
  database: Database;
  clock: Clock;
  keys: Keyring;
  passwords: PasswordHasher;
  aside: Aside;
  log: Log;
  meters: Meters;
}

export interface TenantInContext {
  id: string;
  slug: string;
  name: string;
  colour: string;
  /** The name of its logo; null where it has none. */
  logo: string | null;
  platform: boolean;
}

/** The signed-in user, as the one read of this request found it. */
export interface UserInContext {
  id: string;
  tenantId: string;
  username: string;
  name: string;
  email: string;
  locale: string;
  timeZone: string;
  theme: Theme;
  epoch: number;
  /** The state of the app that makes codes. */
  twoFactor: TwoFactorState;
  /** The kinds of second factor that they have, by name, whatever each may do now: see `identity/factor-kind.ts`. */
  factors: readonly string[];
  mustChangePassword: boolean;
  /** When the account goes, whose owner has asked for that; null for one that stays. */
  removalAt: number | null;
  passwordChangedAt: number | null;
}

export interface SessionInContext {
  id: string;
  sidHash: string;
  createdAt: number;
  lastSeenAt: number;
  authenticatedAt: number;
  /** How its owner has shown who they are. */
  methods: readonly Method[];
  expiresAt: number;
}

/** What each request must know of the tenant's security policy; an action that needs more reads the whole. */
export type RequestPolicy = Pick<
  SecurityPolicy,
  | 'sessionIdleMinutes'
  | 'sessionMaxHours'
  | 'stepUpMinutes'
  | 'maxAgeDays'
  | 'twoFactor'
  | 'passkeys'
  | 'passwordSignIn'
  | 'graceDays'
  | 'allowedIps'
>;

/** Whether the second factor is demanded of the user, and until when they may go on without it (ms). */
export interface SecondFactorInContext {
  demanded: boolean;
  /** Null when none is demanded, or it is active. */
  dueAt: number | null;
  /** It must be a passkey. */
  phishingResistant: boolean;
  /** What the sign-in password still opens, beside it. */
  password: PasswordReach;
}

export interface CredentialInContext {
  /** Null for the sign-in password, where the policy lets the API take it. */
  id: string | null;
  kind: CredentialKind;
  /** The id in the very secret that was sent: a token that is being rotated has two. Null for the sign-in password. */
  publicId: string | null;
}

/** What goes on after the request that began it: on whose authority, and for which part of it a write is done. */
export interface BegunInContext {
  /** The account as it was; once it is another, nothing more is done in its name. */
  epoch: number;
  /** The session that it was begun in; null for a credential, and once its owner has signed out. */
  sessionId: string | null;
  /** Notes, inside the very write, that it is done; throws where that is so already. */
  take: () => Promise<void>;
}

/** What every action is given, by every door: who asks, where, from where, and what there is to work with. */
export interface Context {
  services: Services;
  door: Door;
  /** The time of this request, milliseconds. One request, one time. */
  now: number;
  actor: Actor | null;
  tenant: TenantInContext | null;
  user: UserInContext | null;
  policy: RequestPolicy | null;
  secondFactor: SecondFactorInContext | null;
  /** What the user must do before anything else. */
  duty: Duty | null;
  /** The roles that the user holds now, or of which a token is; for telling, never for deciding. */
  roleNames: readonly string[];
  session: SessionInContext | null;
  /** The credential that the request came with, through the API. */
  credential: CredentialInContext | null;
  ip: string | null;
  client: ClientDescription | null;
  requestId: string | null;
  /** Only where no request asks any more. */
  begun?: BegunInContext;
}

/** The context of an action that has a tenant and an actor, whatever the door. */
export interface TenantContext extends Context {
  actor: Actor;
  tenant: TenantInContext;
}

/** The context of an action of a user, in a browser or through a program. */
export interface UserContext extends TenantContext {
  user: UserInContext;
  policy: RequestPolicy;
  secondFactor: SecondFactorInContext;
}

/** The context of an action that somebody must have signed in for, in a browser. */
export interface SignedInContext extends UserContext {
  session: SessionInContext;
}

/** A context for work that no request asked for: the command line and the jobs. */
export function contextWithoutRequest(
  services: Services,
  actor: Actor,
  door: Door,
  tenant: TenantInContext | null = null,
): Context {
  return {
    services,
    door,
    now: services.clock.now(),
    actor,
    tenant,
    user: null,
    policy: null,
    secondFactor: null,
    duty: null,
    roleNames: [],
    session: null,
    credential: null,
    ip: null,
    client: null,
    requestId: null,
  };
}

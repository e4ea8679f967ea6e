import type { Method } from '#policies/authentication.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import type { User } from '#models/user.js';
import type { Context } from '#server/context.js';
import type { AccessKind } from './access-kind.js';
import type { CodeOwner } from './code.js';

/** Whose factors are asked about. */
export type FactorOwner = Pick<User, 'id' | 'tenantId' | 'twoFactor'>;

/** What of a policy decides which kinds are asked for. */
export type AskingPolicy = Pick<SecurityPolicy, 'passkeys'>;

/** How six digits are asked for, in the words of the page. */
export interface TypedCode {
  /** What to do, before the name of the account. */
  lead: string;
  /** "Use … instead", on the page that asks for another. */
  instead: string;
}

/** One kind of second factor: all that the floor, the sign-in and the lists know of it. */
export interface FactorKind {
  /** As the API spells it. */
  name: string;
  /** What people call it: "authenticator app". */
  label: string;
  /** False for what only stands in for the others: it goes with the last of them. */
  standsAlone: boolean;
  /** Whether the user `u` has it, asleep or in doubt included: a condition of SQL. */
  held: string;
  /** The ids of those of the tenant $1 who have it, to begin with where they may be few; null where a column of theirs says it. */
  holders: string | null;
  /** A column of users that triggers keep, and that says the same: for figures and lists alone, never for who may do something. Null: there is none. */
  keptAs: 'has_passkey' | null;
  /** What must be true of the policy `p` of who is asked for it; null where it always is. */
  askedWhere: string | null;
  /** The same of a policy that was read. What only stands in is asked for where another one is. */
  asked(policy: AskingPolicy): boolean;
  /** Whether this user has it: what `held` says, of the row as it is in this transaction. */
  has(user: FactorOwner): Promise<boolean>;
  /** Since when they have had it; null for who has not. */
  since(user: FactorOwner): Promise<number | null>;
  /** Takes it away, all of it; the state of the account is the caller's. Inside a transaction. */
  remove(context: Pick<Context, 'now'>, user: FactorOwner): Promise<void>;
  /** What is kept aside before an administrator takes a factor: it is sealed, beside what the other kinds keep. */
  keep(context: Context, user: FactorOwner): Promise<Record<string, unknown>>;
  /** Puts that back in the place of what there is; gives what goes into the row of the user with it. Inside a transaction. */
  putBack(
    context: Context,
    owner: { tenantId: string; userId: string },
    kept: Readonly<Record<string, unknown>> & { at: number },
  ): Promise<Partial<Pick<User, 'twoFactor'>>>;
  /**
   * Proves what was given, where it was asked for `about` this, beside a password that has been; gives how it was shown. Throws
   * `Invalid` or `TooMany`, of who does not have it as well.
   */
  prove(context: Context, owner: CodeOwner, given: string, about: string): Promise<readonly Method[]>;
  /** How it is asked for, where that is by six digits; null where it has a form of its own. */
  typed: TypedCode | null;
  /** Where its owner looks after it. */
  page: string;
  /** Its tables among what lets somebody in. */
  access: readonly AccessKind[];
  /** Its tables in the file of what is kept of a person. */
  sections: readonly { name: string; table: string }[];
}

let kinds: readonly FactorKind[] = [];

/** Says which kinds there are: once for the process, when its services are made. What stands above knows all of them, what stands below none. */
export function useFactors(list: readonly FactorKind[]): void {
  kinds = list;
}

/** The kinds there are, side by side. */
export function factorKinds(): readonly FactorKind[] {
  // None would mean that nobody is asked for any.
  if (kinds.length === 0) throw new Error('No kind of factor is known yet: make the services first.');
  return kinds;
}

/** Those that are a second factor by themselves. */
export function lastingKinds(): readonly FactorKind[] {
  return factorKinds().filter(({ standsAlone }) => standsAlone);
}

/** The kind with this name. */
export function kindNamed(name: string): FactorKind {
  const kind = factorKinds().find((one) => one.name === name);
  if (!kind) throw new Error(`There is no kind of factor called ${name}.`);
  return kind;
}

/** Of the kinds that somebody has, those that are asked for beside the password. */
export function askedOf(policy: AskingPolicy, { factors }: { factors: readonly string[] }): string[] {
  const asked = lastingKinds().filter(({ name, asked }) => factors.includes(name) && asked(policy));
  return asked.map(({ name }) => name);
}

/** True when something beside the password is asked for at sign-in. */
export function hasSecondFactor(policy: AskingPolicy, user: { factors: readonly string[] }): boolean {
  return askedOf(policy, user).length > 0;
}

/** Of kinds that somebody is asked for, those of six digits: the one that was chosen, or the first, and the others. */
export function typedOf(asked: readonly string[], chosen: string): { first: FactorKind | null; others: FactorKind[] } {
  const typed = factorKinds().filter(({ name, typed: by }) => by !== null && asked.includes(name));
  const first = typed.find(({ name }) => name === chosen) ?? typed[0] ?? null;
  return { first, others: typed.filter((one) => one !== first) };
}

/** "Authenticator app or passkey", for people: of these kinds those that stand alone. */
export function labelsOf(names: readonly string[]): string {
  const labels = lastingKinds().flatMap(({ name, label }) => (names.includes(name) ? [label] : []));
  const words = labels.join(' or ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What is made of the kinds, such as a text of SQL: once, for as long as they are the same. */
export function madeOfKinds<T>(make: () => T): () => T {
  let made: { of: readonly FactorKind[]; it: T } | null = null;
  return () => {
    if (made?.of !== factorKinds()) made = { of: factorKinds(), it: make() };
    return made.it;
  };
}

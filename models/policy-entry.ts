import type { Actor } from '#policies/actor.js';
import { DOORS, POLICY_WAYS, type Door, type PolicyWay } from '#policies/enumerations.js';
import type { PolicyDifference } from '#policies/policy-difference.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import { POLICY_FIELDS } from '#policies/settings.js';
import { id, of, optionalReference, reference, table, text, time } from './columns.js';

/** What is noted of a change of the policy. */
interface Noted {
  tenantId: string;
  actor: Actor | null;
  door: Door;
  changedAt: number;
  way: PolicyWay;
  differences?: readonly PolicyDifference[];
  /** The policy after it. */
  state: SecurityPolicy;
  restoredId?: string | null;
}

/** One change of a tenant's security policy: who made it, and all that the policy was after it. */
export class PolicyEntry extends table('policy_entries', {
  id,
  tenantId: reference,
  changedAt: time,
  /** Null where it was the command line, or nobody who is signed in. */
  actorId: optionalReference,
  /** Of an operator, who makes an organisation, it is another. */
  actorTenantId: optionalReference,
  door: of(DOORS),
  way: of(POLICY_WAYS),
  /** What has changed, from what to what, as JSON. */
  differences: text,
  /** All values of the policy after it, as JSON: what a restoration puts back. */
  state: text,
  /** Of a restoration: the entry that was put back. */
  restoredId: optionalReference,
}) {
  /** Notes a change, in the transaction that makes it. */
  static async add({ actor, differences = [], state, restoredId = null, ...noted }: Noted): Promise<void> {
    const values = (['preset', ...POLICY_FIELDS] as const).map((field) => [field, state[field]]);
    await PolicyEntry.create({
      ...noted,
      actorId: actor?.id ?? null,
      actorTenantId: actor?.tenantId ?? null,
      differences: JSON.stringify(differences),
      state: JSON.stringify(Object.fromEntries(values)),
      restoredId,
    });
  }
}

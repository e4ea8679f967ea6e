import { DOORS } from '#policies/enumerations.js';
import {
  flag,
  key,
  of,
  optionalCount,
  optionalReference,
  optionalText,
  reference,
  table,
  text,
  time,
  withDefault,
} from './columns.js';

/** A change of a tenant's security policy that starts at a date. The key is the tenant: there is one at a time. */
export class ScheduledPolicy extends table('scheduled_policies', {
  tenantId: key(reference),
  id: reference,
  /** What changes, from what to what, as JSON; what else is changed until then stays changed. */
  differences: text,
  /** Where a state of the history is put back: of which entry. */
  restoredId: optionalReference,
  startsAt: time,
  /** In which it was set, and is shown. */
  timeZone: text,
  createdAt: time,
  /** On whose authority, by which door and from where: it is asked again when the time has come. */
  actorId: optionalReference,
  actorTenantId: optionalReference,
  door: of(DOORS),
  ip: optionalText,
  /** The credential that it was set with, as JSON; null for a browser. */
  credential: optionalText,
  /** Who owns the account has said since that it was not them who used it. */
  doubted: flag,
  /** How many days before the last notice was that everybody has been sent. */
  noticedDays: optionalCount,
  /** How far the notice has come that is being sent: its days, and the id of the last person. */
  noticedTo: withDefault(text, ''),
}) {
  /** What waits of a tenant. */
  static async of(tenantId: string): Promise<ScheduledPolicy | null> {
    return ScheduledPolicy.findByPk(tenantId);
  }

  /** Takes it, or takes it back: true for the one caller who does. Inside a transaction. */
  static async take(tenantId: string, id: string): Promise<boolean> {
    return (await ScheduledPolicy.destroy({ where: { tenantId, id } })) === 1;
  }

  /** Somebody's account was in the wrong hands: what was set with it does not happen. */
  static async doubt(tenantId: string, actorId: string): Promise<void> {
    await ScheduledPolicy.update({ doubted: true }, { where: { tenantId, actorId } });
  }

  /** Forgets from where somebody who is being removed has set it. */
  static async forget(tenantId: string, actorId: string): Promise<void> {
    await ScheduledPolicy.update({ ip: null }, { where: { tenantId, actorId } });
  }
}

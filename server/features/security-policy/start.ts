import { readInTransaction } from '#models/transaction.js';
import { ScheduledPolicy } from '#models/scheduled-policy.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { COMMAND_LINE, SYSTEM } from '#policies/actor.js';
import { can } from '#policies/can.js';
import { contextWithoutRequest, type CredentialInContext, type Services, type TenantContext } from '#server/context.js';
import { AuthorityLost, Invalid, Refusal } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { callerOf, isOutside } from '#server/identity/admission.js';
import { readCredentialAgain, readUserAsCaller } from '#server/identity/credential-read.js';
import { ableOwners } from '#server/identity/able-owners.js';
import { inContext } from '#server/identity/tenant.js';
import { queueMail } from '#server/mail/outbox.js';
import { timeText } from '#server/mail/words.js';
import { record } from '#server/trace/record.js';
import { applyChange } from './actions.js';
import type { PolicyChange } from './change.js';
import { dueChanges } from './schedule.js';
import { differencesOf } from './take-back.js';

/**
 * Makes the changes whose time has come, on the authority that whoever set them has now. One that may not happen any more
 * is dropped, and the owners are told. Each is taken in the very write that makes it: killed at any moment, or done by two
 * at once, it happens once.
 */
export async function startDueChanges(services: Services, stop?: AbortSignal): Promise<number> {
  let started = 0;
  let failure: Error | null = null;
  for (const scheduled of await dueChanges(services.clock.now())) {
    if (stop?.aborted) break;
    // Nobody is in an organisation that is suspended: it waits until that is open again.
    const tenant = await Tenant.findOne({ where: { id: scheduled.tenantId, status: 'active' } });
    if (!tenant) continue;
    const context = contextWithoutRequest(services, SYSTEM, 'job', inContext(tenant)) as TenantContext;
    try {
      if (await start(context, scheduled)) started += 1;
    } catch (error) {
      // What is no answer to the change itself is tried again with the next run, and keeps nobody else's back.
      if (error instanceof AuthorityLost || error instanceof Invalid) await drop(context, scheduled, error.message);
      else failure = error as Error;
    }
  }
  if (failure !== null) throw failure;
  return started;
}

async function start(context: TenantContext, scheduled: ScheduledPolicy): Promise<boolean> {
  return holdingAll(context, scheduled, async (acting) => {
    const { tenantId, id, ip: from, restoredId: restores } = scheduled;
    if (!(await ScheduledPolicy.take(tenantId, id))) return false;
    const authority = await authorityNow(acting, scheduled);
    const change = Object.fromEntries(differencesOf(scheduled).map(({ field, to }) => [field, to])) as PolicyChange;
    // The name of a preset follows from the values, which others may have changed since.
    delete change.preset;
    const authored = { ...acting, ...authority };
    const { differences } = await applyChange(authored, change, { way: 'scheduled', restores, from });
    if (differences.length === 0) await noteDropped(acting, scheduled, 'The policy was like this already.');
    return differences.length > 0;
  });
}

/** What whoever set it may do as things are now. Throws `AuthorityLost`. */
async function authorityNow(
  acting: TenantContext,
  scheduled: ScheduledPolicy,
): Promise<Pick<TenantContext, 'door' | 'actor' | 'user' | 'secondFactor'>> {
  const { door } = acting;
  if (scheduled.doubted)
    throw new AuthorityLost('The owner of the account that set it has said since: this wasn’t me.');
  // Whoever has the machine has it still; nobody else leaves a change without an account.
  if (scheduled.door === 'cli' && scheduled.actorId === null)
    return { door: scheduled.door, actor: COMMAND_LINE, user: null, secondFactor: null };
  const caller = await callerNow(acting, scheduled);
  if (!caller) throw new AuthorityLost('The account that set it is disabled or removed.');
  if (isOutside(caller, scheduled.ip))
    throw new AuthorityLost('It was set from an address that is no longer allowed here.');
  const { actor, user, secondFactor } = caller;
  if (!can(actor, 'policy:write')) throw new AuthorityLost('Whoever set it may no longer change the policy.');
  return { door, actor, user, secondFactor };
}

async function callerNow({ now }: TenantContext, { tenantId, actorId, ip, credential }: ScheduledPolicy) {
  const { kind, publicId } = credential === null ? BROWSER : (JSON.parse(credential) as CredentialInContext);
  if (publicId === null) return readUserAsCaller(readInTransaction, { tenantId, userId: actorId ?? '' }, { now, ip });
  try {
    return callerOf(await readCredentialAgain(readInTransaction, { kind, publicId }, { now, ip }));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new AuthorityLost('The credential that it was set with no longer works.');
  }
}

const BROWSER: CredentialInContext = { id: null, kind: 'password', publicId: null };

async function drop(context: TenantContext, scheduled: ScheduledPolicy, reason: string): Promise<void> {
  await holdingAll(context, scheduled, async (acting) => {
    const { tenant } = acting;
    if (!(await ScheduledPolicy.take(tenant.id, scheduled.id))) return;
    const owners = await User.findAll({
      where: { tenantId: tenant.id, id: await ableOwners(readInTransaction, tenant.id) },
    });
    for (const to of owners) {
      const variables = {
        starts: timeText(scheduled.startsAt, to.locale, to.timeZone),
        reason,
        policyLink: '/admin/security-policy',
      };
      await queueMail(acting, { event: 'policy-change-dropped', to, tenant, variables });
    }
    await noteDropped(acting, scheduled, reason);
  });
}

async function noteDropped(acting: TenantContext, { startsAt }: ScheduledPolicy, reason: string): Promise<void> {
  const details = { startsAt: new Date(startsAt).toISOString(), reason };
  await record(acting, { event: 'policy.schedule-dropped', target: { type: 'policy', id: acting.tenant.id }, details });
}

function holdingAll<T>(
  context: TenantContext,
  { actorId }: ScheduledPolicy,
  work: (acting: TenantContext) => Promise<T>,
): Promise<T> {
  const holding = { organisation: true, ...(actorId === null ? {} : { userId: actorId }) };
  return actingNow(context, 'policy:write', work, holding);
}

import { LogWalk } from '#models/log-walk.js';
import { lockHead } from '#models/security-log.js';
import { Tenant } from '#models/tenant.js';
import { can } from '#policies/can.js';
import { SYSTEM } from '#policies/actor.js';
import { contextWithoutRequest, type Services, type TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { inContext } from '#server/identity/tenant.js';
import { record } from '#server/trace/record.js';
import { beginsLater, beginWalk, endOf, goOn, type Verdict, type Walk } from '#server/trace/verify.js';
import { walkIsSound, walkMac } from '#server/trace/walk.js';

/** Nothing has been looked at yet: the worker begins. */
const AT_THE_START = { seq: 0, beforeHash: '', goal: 0, goalHash: '', mac: '', why: null, doneAt: null };

/** Has the log of the caller's tenant walked from its first row, aside; while that is under way it is not begun again. */
export async function beginVerification(context: TenantContext): Promise<void> {
  await actingNow(context, 'log:read', async (acting) => {
    const { actor, tenant, now, services } = acting;
    // Of several who ask at one moment the first begins it.
    await lockHead(services.database.dialect, tenant.id);
    if (await LogWalk.findOne({ where: { tenantId: tenant.id, state: 'running' } })) return;
    await LogWalk.destroy({ where: { tenantId: tenant.id } });
    await LogWalk.create({ ...AT_THE_START, tenantId: tenant.id, state: 'running', askedBy: actor.id, askedAt: now });
    await record(acting, { event: 'log.verification-begun', target: { type: 'log', id: tenant.id } });
  });
}

/** How far the walk is that was asked for last, or what it found; null where nobody has asked. */
export async function lastVerification({ actor, tenant }: TenantContext) {
  if (!can(actor, 'log:read')) throw new Forbidden();
  const walk = await LogWalk.findOne({ where: { tenantId: tenant.id } });
  if (!walk) return null;
  const { state, seq, goal, askedAt, doneAt, why } = walk;
  return { state, seq, goal, askedAt, doneAt, why };
}

/**
 * Goes on with the walk that was asked for first, until `until`; false when there is none. Where it is is kept under a
 * keyed hash: killed at any moment it goes on from there, and what somebody else has put in its place is begun anew.
 */
export async function workOnVerification(services: Services, until: number, stop?: AbortSignal): Promise<boolean> {
  const kept = await LogWalk.findOne({ where: { state: 'running' }, order: [['askedAt', 'ASC']] });
  if (!kept) return false;
  const { keys } = services;
  const { tenantId } = kept;
  const walk = walkIsSound(keys, kept) ? walkFrom(kept) : await beginWalk(keys, tenantId);
  if ('intact' in walk) {
    await finish(services, tenantId, walk);
    return true;
  }
  const begun = walk.seq;
  const found = await goOn(keys, walk, () => performance.now() < until && stop?.aborted !== true);
  if (found === 'more') await keepPlace(services, walk);
  else {
    const verdict = found === 'end' ? await endOf(keys, walk) : found;
    if (!verdict.intact && (await beginsLater(keys, tenantId, begun)))
      await LogWalk.update(AT_THE_START, { where: { tenantId } });
    else await finish(services, tenantId, verdict);
  }
  return true;
}

function walkFrom({ tenantId, seq, beforeHash, goal, goalHash }: LogWalk): Walk {
  return { tenantId, seq, before: beforeHash, goal, goalHash };
}

async function keepPlace({ keys }: Services, walk: Walk): Promise<void> {
  const { tenantId, seq, before: beforeHash, goal, goalHash } = walk;
  await LogWalk.update(
    { seq, beforeHash, goal, goalHash, mac: walkMac(keys, walk) },
    { where: { tenantId, state: 'running' } },
  );
}

async function finish(services: Services, tenantId: string, verdict: Verdict): Promise<void> {
  const tenant = await Tenant.findByPk(tenantId);
  if (!tenant) return;
  const context = contextWithoutRequest(services, SYSTEM, 'job', inContext(tenant)) as TenantContext;
  await actingNow(context, 'log:read', async (acting) => {
    const outcome = verdict.intact
      ? { state: 'intact' as const, seq: verdict.count, goal: verdict.count, why: null }
      : { state: 'broken' as const, seq: verdict.seq, why: verdict.why.slice(0, 300) };
    const [ended] = await LogWalk.update({ ...outcome, doneAt: acting.now }, { where: { tenantId, state: 'running' } });
    if (ended !== 1) return;
    const target = { type: 'log', id: tenantId } as const;
    if (verdict.intact) await record(acting, { event: 'log.verified', target, details: { rows: verdict.count } });
    else await record(acting, { event: 'log.broken', target, details: { reason: verdict.why } });
  });
}

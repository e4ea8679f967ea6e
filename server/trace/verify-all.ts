import { SecurityLogHead } from '#models/security-log-head.js';
import { Tenant } from '#models/tenant.js';
import type { Keyring } from '#server/lib/keyring.js';
import { verifyLog, type Verdict } from './verify.js';

export interface LogVerdict {
  /** The short name, or the number of an organisation that was removed. */
  called: string;
  verdict: Verdict;
}

/** Walks the log of every organisation there is, and of every one that was removed. */
export async function verifyAll(keys: Keyring): Promise<LogVerdict[]> {
  const tenants = new Map((await Tenant.findAll({ order: [['slug', 'ASC']] })).map(({ id, slug }) => [id, slug]));
  for (const { tenantId } of await SecurityLogHead.findAll({ attributes: ['tenantId'], order: [['tenantId', 'ASC']] }))
    if (!tenants.has(tenantId)) tenants.set(tenantId, `${tenantId} (removed)`);
  const found: LogVerdict[] = [];
  for (const [id, called] of tenants) found.push({ called, verdict: await verifyLog(keys, id) });
  return found;
}

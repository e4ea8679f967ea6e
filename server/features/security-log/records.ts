import type { Row } from '#models/database.js';
import type { Door, Level } from '#policies/enumerations.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { EVENTS, isEventName } from '#server/trace/events.js';
import { withPersons } from '#server/trace/personal.js';
import type { ClientDescription } from '#server/lib/client.js';
import { objectIn } from '#server/lib/json-object.js';
import { textOrNull, wholeRow } from './row.js';
import { searchLog, SIZES, type LogFilter, type Place } from './search.js';
import { meaningOf, type Searched } from './understood.js';

/** A row of the log as it is kept, for programs: ids in place of names, details as they stand. */
export interface LogRecord {
  id: string;
  seq: number;
  at: number;
  event: string;
  level: Level;
  door: Door;
  /** Null for who was not signed in, for the command line and the jobs, and for operators. */
  actorId: string | null;
  /** True when an operator did it, who is none of the tenant's users. */
  byOperator: boolean;
  targetType: string | null;
  targetId: string | null;
  ip: string | null;
  client: ClientDescription | null;
  details: Record<string, unknown>;
}

/** Rows of the log of the caller's tenant, at most `limit`, and where to go on; there may be none here and some there. */
export async function listRecords(
  context: TenantContext,
  { text, within, limit, ...filter }: Omit<LogFilter, 'text' | 'any'> & Searched & { limit: number },
): Promise<{ records: LogRecord[]; next: Place | null }> {
  const { actor, tenant, services } = context;
  if (!can(actor, 'log:read')) throw new Forbidden();
  const { any, text: wanted } = await meaningOf(context, { text, within });
  const { rows, next } = await searchLog(
    services.database,
    tenant.id,
    { ...filter, any, text: wanted },
    { ...SIZES, page: limit },
  );
  const opened = await withPersons(services, tenant.id, rows);
  return { records: opened.map((row) => recordOf(row, tenant.id)), next };
}

/** One row of the log of the caller's tenant, with what the list leaves out. Throws `NotFound`, for another tenant's too. */
export async function readRecord(context: TenantContext, id: string) {
  const row = await wholeRow(context, id);
  const { session_id: sessionId, request_id: requestId, hash } = row;
  return {
    record: recordOf(row, context.tenant.id),
    sessionId: textOrNull(sessionId),
    requestId: textOrNull(requestId),
    hash: String(hash),
  };
}

/** A row as the API and the files write it. */
export function replyOf({
  id,
  seq,
  at,
  event,
  level,
  door,
  actorId,
  byOperator,
  targetType,
  targetId,
  ip,
  client,
  details,
}: LogRecord) {
  return {
    ...{ id, seq, event, level, door, ip, details },
    at: new Date(at).toISOString(),
    label: isEventName(event) ? EVENTS[event].label : event,
    actor: actorId === null && !byOperator ? null : { id: actorId, operator: byOperator },
    target: targetType === null || targetId === null ? null : { type: targetType, id: targetId },
    browser: client?.browser ?? null,
    os: client?.os ?? null,
  };
}

/** A row of the database as a record. */
export function recordOf(row: Row, tenantId: string): LogRecord {
  const text = (column: string): string | null => textOrNull(row[column]);
  const home = text('actor_tenant_id');
  const byOperator = home !== null && home !== tenantId;
  return {
    id: String(row['id']),
    seq: Number(row['seq']),
    at: Number(row['at']),
    event: String(row['event']),
    level: row['level'] as Level,
    door: row['door'] as Door,
    actorId: byOperator ? null : text('actor_id'),
    byOperator,
    targetType: text('target_type'),
    targetId: text('target_id'),
    ip: text('ip'),
    client: objectIn(text('client')) as ClientDescription | null,
    // A row that somebody has tampered with is still listed: it may be why somebody looks.
    details: objectIn(text('details')) ?? {},
  };
}

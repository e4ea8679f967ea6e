import type { Row } from '#models/database.js';
import { User } from '#models/user.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { clientLine, type ClientDescription } from '#server/lib/client.js';
import { DAY } from '#server/lib/clock.js';
import { timesOf } from '#server/trace/details.js';
import { nobodyText } from '#server/trace/nobody-text.js';
import { isEventName, countedLabel } from '#server/trace/events.js';

/** One row of the log about an account, as the page of the account shows it. */
export interface Happening {
  id: string;
  at: number;
  label: string;
  /** Who did it; null: the account itself. */
  by: string | null;
  from: string;
}

const NEWEST = 10;
const COLUMNS = 'id, seq, at, event, actor_id, actor_tenant_id, door, ip, client, details';
// Each side by its own index.
const SIDE = (side: 'actor_id' | 'target_id'): string =>
  `SELECT ${COLUMNS} FROM security_events WHERE tenant_id = $1 AND ${side} = $2 ORDER BY at DESC, seq DESC LIMIT ${NEWEST}`;
const FAILED = `
SELECT at, ip, details FROM security_events WHERE tenant_id = $1 AND target_id = $2 AND event = 'sign-in.failed' AND at > $3
ORDER BY at DESC, seq DESC LIMIT 100`;
// Those of the minute that runs, which the log has no row of yet.
const RUNNING = `
SELECT ip, times FROM log_repeats WHERE tenant_id = $1 AND target_id = $2 AND event = 'sign-in.failed' AND times > 0`;

/** The last ten events that the user did or that were done to them; none for who may not read the log. */
export async function latestOf(context: TenantContext, userId: string): Promise<Happening[]> {
  if (!can(context.actor, 'log:read')) return [];
  const { database } = context.services;
  const [done, suffered] = await Promise.all(
    (['actor_id', 'target_id'] as const).map((side) => database.read(SIDE(side), [context.tenant.id, userId])),
  );
  const newest = [...(done ?? []), ...(suffered ?? []).filter((row) => row['actor_id'] !== userId)]
    .sort((one, other) => Number(other['at']) - Number(one['at']) || Number(other['seq']) - Number(one['seq']))
    .slice(0, NEWEST);
  const others = newest.flatMap(({ actor_id: id }) => (typeof id === 'string' && id !== userId ? [id] : []));
  const id = [...new Set(others)];
  const people = id.length === 0 ? [] : await User.findAll({ where: { tenantId: context.tenant.id, id } });
  const names = new Map(people.map((one) => [one.id, one.name]));
  return newest.map((row) => happeningOf(row, userId === row['actor_id'] ? null : actorText(row, context, names)));
}

function actorText(row: Row, { tenant }: TenantContext, names: ReadonlyMap<string, string>): string {
  const { actor_id: id, actor_tenant_id: home, door } = row;
  if (typeof id !== 'string') return nobodyText(door);
  return typeof home === 'string' && home !== tenant.id ? 'Operator' : (names.get(id) ?? 'A deleted user');
}

function happeningOf(row: Row, by: string | null): Happening {
  const event = String(row['event']);
  const times = timesOf(row['details']);
  const client = typeof row['client'] === 'string' ? (JSON.parse(row['client']) as ClientDescription | null) : null;
  return {
    id: String(row['id']),
    at: Number(row['at']),
    label: isEventName(event) ? countedLabel(event, times) : event,
    by,
    from: [client && clientLine(client), row['ip']].filter(Boolean).join(', '),
  };
}

/** From where wrong passwords came in the last day, in words: "5 wrong passwords from 203.0.113.7"; '' where nothing is to be told. */
export async function guessesAt(context: TenantContext, userId: string): Promise<string> {
  if (!can(context.actor, 'log:read')) return '';
  const { database } = context.services;
  const whose = [context.tenant.id, userId];
  const rows = await database.read(FAILED, [...whose, context.now - DAY]);
  const running = await database.read(RUNNING, whose);
  if (rows.length + running.length === 0) return '';
  const ips = [...new Set([...rows, ...running].map(({ ip }) => ip))].filter(
    (ip) => typeof ip === 'string' && ip !== '',
  );
  const times = [...rows.map(({ details }) => timesOf(details)), ...running.map((one) => Number(one['times']))].reduce(
    (sum, more) => sum + more,
    0,
  );
  const count = times === 1 ? 'one wrong password' : `${times} wrong passwords`;
  if (ips.length === 0) return count;
  return `${count} from ${ips.length > 3 ? `${ips.length} addresses` : ips.join(', ')}`;
}

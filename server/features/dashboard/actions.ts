import { QueryTypes } from 'sequelize';
import type { Row } from '#models/database.js';
import type { Level } from '#policies/enumerations.js';
import { User } from '#models/user.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { EVENTS, isEventName } from '#server/trace/events.js';
import { countUsers } from '../users/list.js';

export interface UserNumbers {
  active: number;
  invited: number;
  disabled: number;
  /** Past a thousand only that it is more: these look at each row that they count. */
  withoutTwoFactor: number | '1,000+';
  locked: number | '1,000+';
  stale: number | '1,000+';
}

export interface Headline {
  id: string;
  at: number;
  label: string;
  level: Level;
  /** Who did it, by the name of today. */
  by: string;
  /** Whom it is about, when that is somebody else who is still here. */
  about: string | null;
}

/** How many users of each state the tenant has. */
export async function countByState(context: TenantContext): Promise<UserNumbers> {
  const [rows, withoutTwoFactor, locked, stale] = await Promise.all([
    select(context, 'SELECT status, COUNT(*) AS found FROM users WHERE tenant_id = $1 GROUP BY status', [
      context.tenant.id,
    ]),
    countUsers(context, { q: '', status: 'active', twoFactor: 'disabled' }),
    countUsers(context, { q: '', locked: 'yes' }),
    countUsers(context, { q: '', stale: 'yes' }),
  ]);
  const of = (status: string): number => Number(rows.find((row) => row['status'] === status)?.['found'] ?? 0);
  return { active: of('active'), invited: of('invited'), disabled: of('disabled'), withoutTwoFactor, locked, stale };
}

// Each level in the order of its index, then the newest of both: by date, as the log is read.
const COLUMNS = 'id, seq, at, event, level, door, actor_id, actor_tenant_id, target_id';
const NEWEST = `
SELECT * FROM (SELECT ${COLUMNS} FROM security_events WHERE tenant_id = $1 AND level = 'high' ORDER BY at DESC, seq DESC LIMIT $2) AS high
UNION ALL
SELECT * FROM (SELECT ${COLUMNS} FROM security_events WHERE tenant_id = $1 AND level = 'middle' ORDER BY at DESC, seq DESC LIMIT $2) AS middle
ORDER BY at DESC, seq DESC LIMIT $2`;

/** The newest events of the tenant that somebody should look at; none for who may not read the log. */
export async function newestEvents(context: TenantContext, limit: number): Promise<Headline[]> {
  if (!can(context.actor, 'log:read')) return [];
  const rows = await select(context, NEWEST, [context.tenant.id, limit]);
  const people = await namesOf(context, rows);
  return rows.map((row) => {
    const event = String(row['event']);
    return {
      id: String(row['id']),
      at: Number(row['at']),
      label: isEventName(event) ? EVENTS[event].label : event,
      level: row['level'] as Level,
      by: actorOf(context, row, people),
      about: row['target_id'] === row['actor_id'] ? null : (people.get(String(row['target_id'])) ?? null),
    };
  });
}

function actorOf({ tenant }: TenantContext, row: Row, people: ReadonlyMap<string, string>): string {
  const { actor_id: id, actor_tenant_id: home, door } = row;
  if (id === null)
    return door === 'cli' ? 'the command line' : door === 'job' ? 'Gatehouse itself' : 'somebody unknown';
  if (home !== null && home !== tenant.id) return 'an operator';
  return people.get(String(id)) ?? 'a deleted account';
}

async function namesOf({ tenant }: TenantContext, rows: readonly Row[]): Promise<Map<string, string>> {
  const ids = rows.flatMap((row) => [row['actor_id'], row['target_id']]).filter((id) => typeof id === 'string');
  const users = await User.findAll({
    where: { tenantId: tenant.id, id: [...new Set(ids)] },
    attributes: ['id', 'name'],
  });
  return new Map(users.map(({ id, name }) => [id, name]));
}

function select({ services }: TenantContext, sql: string, bind: readonly (string | number)[]): Promise<Row[]> {
  return services.database.sequelize.query<Row>(sql, { bind: [...bind], type: QueryTypes.SELECT });
}

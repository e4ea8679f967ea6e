import { Op } from 'sequelize';
import { readInTransaction } from '#models/transaction.js';
import type { Context } from '#server/context.js';
import { accessKinds } from './access.js';
import type { AccessKind, Occasion } from './access-kind.js';

/** What has ended, or been suspended, of one kind. */
export interface Ended {
  kind: AccessKind;
  count: number;
  names: readonly string[];
  suspended: boolean;
  /** Only what was newer than a moment: by guess, so its owner is told by name. */
  partly: boolean;
}

/** How one walk is narrowed. */
interface Narrowed {
  /** From when on something is newer, ms. */
  since?: number;
  /** When what is disavowed happened, ms. */
  at?: number;
  /** A session that goes on. */
  except?: string;
}

/**
 * Walks the list on this occasion: ends or suspends what it says of each kind, for one user or a whole organisation.
 * Gives what there was, kind by kind. Inside a write.
 */
export async function endAccess(
  { now }: Pick<Context, 'now'>,
  owner: Owner,
  occasion: Occasion,
  { since = 0, at = 0, except }: Narrowed = {},
): Promise<Ended[]> {
  const ended: Ended[] = [];
  const there = await tablesOf(owner, occasion);
  for (const kind of accessKinds()) {
    const fate = kind.on[occasion];
    if (fate === undefined || !there.has(kind.model.tableName)) continue;
    const where = {
      ...whose(owner),
      ...(kind.live(now) as object),
      ...(fate === 'end' ? {} : newer(kind, now, fate === 'end what came with it' ? at : since)),
      ...(kind.name === 'sessions' && except !== undefined ? { id: { [Op.ne]: except } } : {}),
    };
    const names = kind.nameOf === null ? [] : (await kind.model.findAll({ where, limit: MOST_NAMED })).map(kind.nameOf);
    const suspended = fate === 'suspend what is newer';
    const values = suspended ? kind.suspend : kind.end;
    const count = values
      ? (await kind.model.update(values(now, occasion), { where }))[0]
      : await kind.model.destroy({ where });
    if (count > 0) ended.push({ kind, count, names, suspended, partly: fate !== 'end' });
  }
  return ended;
}

const MOST_NAMED = 20;

/**
 * In which of the tables there is anything of theirs, by one read: most people have nothing in most of them, and where
 * many are disabled by a job, a dozen changes of nothing for each were most of its work.
 */
async function tablesOf({ tenantId, userId }: Owner, occasion: Occasion): Promise<ReadonlySet<string>> {
  const tables = [
    ...new Set(
      accessKinds()
        .filter(({ on }) => on[occasion])
        .map(({ model }) => model.tableName),
    ),
  ];
  if (userId === undefined || tables.length === 0) return new Set(tables);
  const any = (table: string): string => `EXISTS (SELECT 1 FROM ${table} WHERE tenant_id = $1 AND user_id = $2)`;
  const [row = {}] = await readInTransaction(
    `SELECT ${tables.map((table) => `${any(table)} AS ${table}`).join(', ')}`,
    [tenantId, userId],
  );
  return new Set(tables.filter((table) => Boolean(row[table])));
}

// The condition on the age beside the one that the kind may have on the same column already.
function newer(kind: AccessKind, now: number, since: number): object {
  const own = (kind.live(now) as { createdAt?: object }).createdAt;
  return { createdAt: own ? { [Op.and]: [own, { [Op.gte]: since }] } : { [Op.gte]: since } };
}

/** Removes every row of every kind, whatever its state: nothing is left that could let somebody in. Inside a write. */
export async function removeAccess(owner: Owner): Promise<void> {
  for (const { model } of accessKinds()) await model.destroy({ where: whose(owner) });
}

/** "the API token “Backup”; the SSH key “laptop”, suspended", for a mail; "nothing" where nothing with a name was. */
export function endedText(ended: readonly Ended[]): string {
  const named = ended
    .filter(({ partly }) => partly)
    .flatMap(({ names, suspended }) => names.map((name) => (suspended ? `${name}, suspended` : name)));
  return named.length === 0 ? 'nothing' : named.join('; ');
}

function whose({ tenantId, userId }: Owner): { tenantId: string; userId?: string } {
  return userId === undefined ? { tenantId } : { tenantId, userId };
}

/** Whose: one user's, or of a whole organisation. */
export interface Owner {
  tenantId: string;
  userId?: string;
}

/** A user as the owner of what lets them in. */
export function ownerOf({ tenantId, id }: { tenantId: string; id: string }): Owner {
  return { tenantId, userId: id };
}

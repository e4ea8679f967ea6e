import type { Row } from '#models/database.js';
import { SecurityLogHead } from '#models/security-log-head.js';
import { columnNames, isSecretColumn } from '#models/tables.js';
import { countThrottle } from '#models/throttle.js';
import { User } from '#models/user.js';
import type { Services, UserContext } from '#server/context.js';
import { Conflict, TooMany } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { HOUR, SECOND } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { withPersons } from '#server/trace/personal.js';
import { record } from '#server/trace/record.js';
import { NOT_IN_THE_FILE, sections, type Section } from './own-data.js';

const PAGE = 500;
const AN_HOUR = 10;
/** What the file is called. */
export const FILE_NAME = 'my-data.json';

/**
 * All that is kept of the caller, as the text of a JSON file, in parts: as little of it in memory as may be. Never a
 * secret, nor a hash of one. That it was taken stands in the log, and its owner is mailed. Throws `TooMany` after ten times in an hour.
 */
export async function exportOwnData(context: UserContext): Promise<AsyncGenerator<string>> {
  await countExport(context);
  await actingNow(context, 'whole', async (acting) => {
    const { tenant } = acting;
    const { id } = acting.user;
    const user = await User.findOne({ where: { tenantId: tenant.id, id }, rejectOnEmpty: true });
    const variables = await issueDisavowal(acting, user, 'account.exported');
    await queueMail(acting, { event: 'account-exported', to: user, tenant, variables });
    await record(acting, { event: 'account.exported', target: { type: 'user', id } });
  });
  return partsOf(context);
}

// Each is a mail, and all that is kept is read for it.
async function countExport({ services, user, now }: UserContext): Promise<void> {
  const { points, windowEndsAt } = await countThrottle(services.database, `own-exports/${user.id}`, HOUR, now);
  if (points > AN_HOUR)
    throw new TooMany('You have had your data ten times within an hour. Wait a little.', (windowEndsAt - now) / SECOND);
}

async function* partsOf(context: UserContext): AsyncGenerator<string> {
  const { slug, name } = context.tenant;
  const about = {
    exportedAt: new Date(context.now).toISOString(),
    organisation: { slug, name },
    leftOut: NOT_IN_THE_FILE,
  };
  yield JSON.stringify(about).slice(0, -1);
  const archived = await SecurityLogHead.archivedOf(context.tenant.id);
  for (const section of sections()) {
    yield `,\n${JSON.stringify(section.name)}:[`;
    let first = true;
    for await (const rows of pagesOf(context, section)) {
      yield (first ? '\n' : ',\n') + rows.map((row) => JSON.stringify(inWords(row))).join(',\n');
      first = false;
    }
    // A file with a hole in it would be taken for all there is.
    if (section.table === 'security_events' && (await SecurityLogHead.archivedOf(context.tenant.id)) !== archived)
      throw new Conflict('The log was archived while it was being read. Take the file again.');
    yield ']';
  }
  yield '}\n';
}

// By their number: what there is of one person is little, but for the log, and that has an order of its own.
async function* pagesOf({ services, tenant, user }: UserContext, section: Section): AsyncGenerator<Row[]> {
  const { table, where, also = [], ownOnly = [] } = section;
  const columns = (await columnNames(services.database, table)).filter((column) => !isSecretColumn(column));
  const shown = columns.map((column) =>
    ownOnly.includes(column) ? `CASE WHEN actor_id = $2 THEN ${column} END AS ${column}` : column,
  );
  const log = table === 'security_events';
  const order = log ? 'seq' : columns.includes('id') ? 'id' : columns.join(', ');
  for (let read = 0, after = -1; ;) {
    const rest = log ? `AND seq > $3 ORDER BY ${order} LIMIT ${PAGE}` : `ORDER BY ${order} LIMIT ${PAGE} OFFSET $3`;
    const rows: Row[] = await services.database.read(
      `SELECT ${[...shown, ...also].join(', ')} FROM ${table} WHERE ${where} ${rest}`,
      [tenant.id, user.id, log ? after : read],
    );
    // What names them in the log is theirs to read, and what names others is not.
    if (rows.length > 0) yield log ? await opened(services, tenant.id, user.id, rows) : rows;
    if (rows.length < PAGE) return;
    read += rows.length;
    after = Number(rows.at(-1)?.['seq']);
  }
}

async function opened(services: Services, tenantId: string, userId: string, rows: Row[]): Promise<Row[]> {
  const about = rows.filter((row) => row['target_id'] === userId);
  const open = new Map((await withPersons(services, tenantId, about)).map((row) => [row['id'], row]));
  return rows.map((row) => open.get(row['id']) ?? row);
}

// As the API writes it: names in camelCase, times as ISO 8601.
function inWords(row: Row): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      const name = column.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
      const isTime = /(^|_)at$|_until$|_since$/.test(column) && value !== null && Number(value) > 0;
      return [name, isTime ? new Date(Number(value)).toISOString() : value];
    }),
  );
}

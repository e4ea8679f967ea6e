import type { Row } from '#models/database.js';
import { behind, orderBy, placeColumns, placeOf, values, type Order, type Value } from '#models/paging.js';
import { columnNames, isSecretColumn, keyColumns, tableNames } from '#models/tables.js';
import { SecurityLogHead } from '#models/security-log-head.js';
import { Tenant } from '#models/tenant.js';
import type { Context, Services } from '#server/context.js';
import { Conflict, NotFound } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { tell } from './tell.js';

const PAGE = 500;

export interface Export {
  /** What the file is called. */
  name: string;
  /** Notes that it is taken, and gives its text in parts: as little of it in memory as may be. */
  begin: () => Promise<AsyncGenerator<string>>;
}

/**
 * Everything that is kept of an organisation, from every table that has rows of it; never a secret, nor a hash of one. Where
 * the organisation is suspended, opened or removed, or its log archived, while it is read, the text breaks off with a `Conflict`.
 */
export async function exportTenant(context: Context, tenantId: string): Promise<Export> {
  const { slug } = await existing(tenantId);
  const begin = async () => {
    const { tenant, state } = await actingNow(context, 'tenants:write', async (acting) => {
      const found = await existing(tenantId);
      await tell(acting, found, 'tenant.exported', {});
      return { tenant: found, state: await stateOf(tenantId) };
    });
    return partsOf(context, tenant, state);
  };
  return { name: `${slug}.json`, begin };
}

async function existing(tenantId: string): Promise<Tenant> {
  const tenant = await Tenant.findByPk(tenantId);
  if (!tenant) throw new NotFound();
  return tenant;
}

// What takes rows of it away, or changes many at once.
async function stateOf(tenantId: string): Promise<string> {
  const tenant = await Tenant.findByPk(tenantId, { attributes: ['status'] });
  return tenant ? `${tenant.status}, ${await SecurityLogHead.archivedOf(tenantId)}` : '';
}

async function* partsOf({ services, now }: Context, tenant: Tenant, state: string): AsyncGenerator<string> {
  const about = { exportedAt: new Date(now).toISOString(), tenants: [tenant.get({ plain: true })] };
  yield JSON.stringify(about).slice(0, -1);
  for (const table of await tableNames(services.database)) {
    const columns = await columnNames(services.database, table);
    if (!columns.includes('tenant_id')) continue;
    yield `,\n${JSON.stringify(table)}:[`;
    let first = true;
    for await (const rows of pagesOf(services, table, columns, tenant.id)) {
      yield (first ? '\n' : ',\n') + rows.map((row) => JSON.stringify(row)).join(',\n');
      first = false;
    }
    // Half a file must not look like a whole one: what is removed meanwhile is kept nowhere else.
    const still = await stateOf(tenant.id);
    if (still === '')
      throw new Conflict('The organisation was removed while it was being read. The file is not whole.');
    if (still !== state)
      throw new Conflict(
        'The organisation was suspended or opened, or its log archived, while it was being read. Take the file again.',
      );
    yield ']';
  }
  yield '}\n';
}

// Behind the last row that was read: a million rows are read as quickly at their end as at their beginning.
async function* pagesOf(
  { database }: Services,
  table: string,
  columns: readonly string[],
  tenantId: string,
): AsyncGenerator<Row[]> {
  const shown = columns.filter((column) => !isSecretColumn(column)).map((column) => `"${column}"`);
  const order: Order = {
    columns: (await keyColumns(database, table)).map((column) => `"${column}"`),
    descending: false,
  };
  for (let after: Value[] | null = null; ;) {
    const { bind, put } = values(tenantId);
    const beyond: string = after === null ? '' : `AND ${behind(order, after, put)}`;
    const sql = `SELECT ${shown.join(', ')}, ${placeColumns(order)} FROM "${table}" WHERE tenant_id = $1 ${beyond} ${orderBy(order)} LIMIT ${PAGE}`;
    const rows: Row[] = await database.read(sql, bind);
    if (rows.length > 0) yield rows.map((row) => without(row, order));
    if (rows.length < PAGE) return;
    after = placeOf(order, rows.at(-1) ?? {});
  }
}

// The key of a row may be a hash of what opens something.
function without(row: Row, { columns }: Order): Row {
  return Object.fromEntries(Object.entries(row).slice(0, -columns.length));
}

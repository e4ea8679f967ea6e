import type { Row } from '#models/database.js';
import { columnNames, isSecretColumn, tableNames } from '#models/tables.js';
import { Tenant } from '#models/tenant.js';
import type { Context, Services } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { tell } from './tell.js';

const PAGE = 500;

export interface Export {
  slug: string;
  /** The text of the file, in parts: as little of it in memory as may be. */
  parts: AsyncGenerator<string>;
}

/** Everything that is kept of an organisation, from every table that has rows of it; never a secret, nor a hash of one. */
export async function exportTenant(context: Context, tenantId: string): Promise<Export> {
  const tenant = await actingNow(context, 'tenants:write', async (acting) => {
    const found = await Tenant.findByPk(tenantId);
    if (!found) throw new NotFound();
    await tell(acting, found, 'tenant.exported', {});
    return found;
  });
  return { slug: tenant.slug, parts: partsOf(context, tenant) };
}

async function* partsOf({ services, now }: Context, tenant: Tenant): AsyncGenerator<string> {
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
    yield ']';
  }
  yield '}\n';
}

// Behind the last row that was read, where rows have an id; else by their number, which is slow only for many.
async function* pagesOf(
  { database }: Services,
  table: string,
  columns: readonly string[],
  tenantId: string,
): AsyncGenerator<Row[]> {
  const shown = columns.filter((column) => !isSecretColumn(column)).map((column) => `"${column}"`);
  const byId = columns.includes('id');
  const order = byId
    ? 'id'
    : columns
        .map((_column, at) => at + 1)
        .slice(0, shown.length)
        .join(', ');
  let after = '';
  for (let read = 0; ;) {
    const behind = byId ? 'AND id > $2' : '';
    const offset = byId ? '' : 'OFFSET $2';
    const rows: Row[] = await database.read(
      `SELECT ${shown.join(', ')} FROM "${table}" WHERE tenant_id = $1 ${behind} ORDER BY ${order} LIMIT ${PAGE} ${offset}`,
      [tenantId, byId ? after : read],
    );
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    read += rows.length;
    after = String(rows.at(-1)?.['id']);
  }
}

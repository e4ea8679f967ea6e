import type { Row } from '#models/database.js';
import { SecurityLogHead } from '#models/security-log-head.js';
import type { TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { csvHeadings, csvRows } from '#server/lib/csv.js';
import { withPersons } from '#server/trace/personal.js';
import { record } from '#server/trace/record.js';
import { partiesOf } from './people.js';
import { recordOf, replyOf } from './records.js';
import { searchLog, SIZES, type LogFilter } from './search.js';
import { meaningOf, type Searched } from './understood.js';
import { detailsInWords } from './words.js';

export type Format = 'csv' | 'jsonl';

const SIZE = { ...SIZES, page: 500 };
const HEADINGS = [
  ...['row', 'time', 'event', 'what', 'level', 'door', 'who', 'who id', 'to whom', 'to whom type', 'to whom id'],
  ...['ip', 'browser', 'os', 'details'],
];

/**
 * What the filter finds of the log of the caller's tenant, as the text of a file, in parts: however long it is, no more
 * than a page of it is held at once, and the next is read when somebody takes it. That it was taken away is noted first;
 * `asked` is the filter in words.
 */
export async function exportLog(
  context: TenantContext,
  format: Format,
  { text = '', within, ...filter }: Omit<LogFilter, 'text' | 'any' | 'after'> & Searched,
  asked: readonly string[],
): Promise<AsyncGenerator<string>> {
  const { tenant } = context;
  await actingNow(context, 'log:export', (acting) =>
    record(acting, {
      event: 'log.exported',
      target: { type: 'log', id: tenant.id },
      details: { format: format === 'csv' ? 'CSV' : 'JSON lines', ...(asked.length > 0 ? { filters: asked } : {}) },
    }),
  );
  const { any, text: wanted } = await meaningOf(context, { text, within });
  // What is written from now on is for the next time: else a file of the oldest first might never end.
  const to = Math.min(filter.to ?? Infinity, context.now + 1);
  return partsOf(context, format, { ...filter, any, text: wanted, to });
}

async function* partsOf(context: TenantContext, format: Format, filter: LogFilter): AsyncGenerator<string> {
  const { services, tenant } = context;
  if (format === 'csv') yield csvHeadings(HEADINGS);
  const archived = await SecurityLogHead.archivedOf(tenant.id);
  for (let after: LogFilter['after']; ;) {
    const found = await searchLog(services.database, tenant.id, { ...filter, after }, SIZE);
    const rows = await withPersons(services, tenant.id, found.rows);
    // A file with a hole in it would be taken for all there is.
    if ((await SecurityLogHead.archivedOf(tenant.id)) !== archived)
      throw new Conflict('The log was archived while it was being read. Take the file again.');
    if (rows.length > 0) yield format === 'csv' ? await csvOf(context, rows) : linesOf(context, rows);
    if (found.next === null) return;
    after = found.next;
  }
}

function linesOf({ tenant }: TenantContext, rows: readonly Row[]): string {
  return rows.map((row) => `${JSON.stringify(replyOf(recordOf(row, tenant.id)))}\n`).join('');
}

async function csvOf({ tenant }: TenantContext, rows: readonly Row[]): Promise<string> {
  const parties = await partiesOf(tenant, rows);
  return csvRows(
    rows.map((row) => {
      const { seq, at, event, label, level, door, actor, target, ip, browser, os } = replyOf(recordOf(row, tenant.id));
      const { actor: who, target: whom } = parties(row);
      const details = detailsInWords(String(row['details'])).map(
        (one) => `${one.label}: ${one.from === null ? '' : `${one.from} → `}${one.value}`,
      );
      return [
        ...[String(seq), at, event, label, level, door, who.text, actor?.id ?? ''],
        ...[whom?.text ?? '', target?.type ?? '', target?.id ?? ''],
        ...[ip ?? '', browser ?? '', os ?? '', details.join('; ')],
      ];
    }),
  );
}

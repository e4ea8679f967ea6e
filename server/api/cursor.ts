import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { openCursor, sealCursor, type CursorValue } from '#server/lib/cursor.js';

/** The cursor of a list of the caller's tenant, over the values that the last row of a page was sorted by. */
export function makeCursor({ services, tenant }: TenantContext, list: string, values: readonly CursorValue[]): string {
  return sealCursor(services.keys, `${tenant.id} ${list}`, values);
}

/** Those values again; throws `Invalid` when this list of this tenant never gave such a cursor. */
export function readCursor({ services, tenant }: TenantContext, list: string, cursor: string): CursorValue[] {
  const values = openCursor(services.keys, `${tenant.id} ${list}`, cursor);
  if (!values)
    throw Invalid.field(
      'cursor',
      'This cursor is not one that this list gave. Leave it out to begin at the first page.',
    );
  return values;
}

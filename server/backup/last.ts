import type { Services } from '#server/context.js';

const LAST = `SELECT MAX(e.at) AS at FROM tenants t JOIN security_events e ON e.tenant_id = t.id
  WHERE t.slug = 'platform' AND e.event = 'backup.made'`;

/** When the last backup was made (ms), as the log of the platform has it; null where none was. */
export async function lastBackup({ database }: Services): Promise<number | null> {
  const [row] = await database.read(LAST, []);
  const at = row?.['at'] ?? null;
  return at === null ? null : Number(at);
}

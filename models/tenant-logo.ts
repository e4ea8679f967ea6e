import type { Database } from './database.js';
import { key, reference, table, text } from './columns.js';

const BY_NAME = `SELECT l.content FROM tenants t JOIN tenant_logos l ON l.tenant_id = t.id
WHERE t.logo = $1 AND t.status = 'active'`;

/** The picture that an organisation is known by. Its name is a column of the organisation. */
export class TenantLogo extends table('tenant_logos', {
  tenantId: key(reference),
  /** Base64: every database keeps, copies and exports a text alike. */
  content: text,
}) {
  /** The bytes of the logo of this name, of an organisation that is not suspended; null where there is none. */
  static async named({ read }: Database, name: string): Promise<Buffer | null> {
    const [row] = await read(BY_NAME, [name]);
    return row ? Buffer.from(String(row['content']), 'base64') : null;
  }
}

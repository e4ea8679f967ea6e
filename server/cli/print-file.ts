import { pipeline } from 'node:stream/promises';
import { Tenant } from '#models/tenant.js';
import type { TenantInContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';

type Id = Pick<TenantInContext, 'id'>;

/** Prints a file of an organisation part by part, each read when the one before has gone. */
export async function printFile(tenant: Id, parts: AsyncIterable<string>): Promise<void> {
  await pipeline(wholeOf(tenant, parts), process.stdout, { end: false });
}

/** The file; what it is read from may be removed meanwhile, and it would end as if it were whole: so it breaks off instead. */
export async function* wholeOf({ id }: Id, parts: AsyncIterable<string>): AsyncGenerator<string> {
  try {
    for await (const part of parts) {
      await demandTenant(id);
      yield part;
    }
  } finally {
    // Also where it has failed because of that: this is what tells why.
    await demandTenant(id);
  }
}

async function demandTenant(id: string): Promise<void> {
  if ((await Tenant.count({ where: { id } })) === 0)
    throw new Conflict('The organisation was removed while it was being read: what has been printed is not all of it.');
}

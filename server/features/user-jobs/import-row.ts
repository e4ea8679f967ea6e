import type { TenantContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { createUser } from '../users/create.js';
import { changeUser } from '../users/edit.js';
import { keptRow } from './import-kept.js';

/** Does what a row means, by the very action of the single page. Somebody new gets the id that the row has. */
export async function importRow(context: TenantContext, id: string, input: string | null): Promise<void> {
  const intended = keptRow(input)?.intended;
  if (!intended) throw new NotFound('There is no such account any more.');
  if ('change' in intended) await changeUser(context, id, intended.change);
  else
    await createUser(context, {
      ...{ ...intended.add, id, onboarding: 'invite', password: '', mustChangePassword: false },
    });
}

import type { UserKind } from '#policies/enumerations.js';
import type { UserChanges } from '../users/edit.js';
import type { Column } from './import-columns.js';

/** What something of a person was, and becomes. */
export interface Change {
  column: Column;
  from: string;
  to: string;
}

/** What a row of a file means: somebody new, or changes of who is there, with how they are shown. */
export type Intended =
  | { add: { kind: UserKind; username: string; name: string; email: string; roleIds: string[] }; roles: string[] }
  | { change: Pick<UserChanges, 'name' | 'email' | 'roleIds' | 'rolesShown' | 'seen' | 'status'>; shown: Change[] };

/** A row as it is kept with the job: who it is about as the file has it, and what it means; null for what was refused. */
export interface KeptRow {
  who: { username: string; name: string; email: string };
  intended: Intended | null;
}

/** The row as it was kept; null where there was none, or the person it was about has been removed since. */
export function keptRow(input: string | null): KeptRow | null {
  return input === null ? null : (JSON.parse(input) as KeptRow);
}

/** What becomes of somebody by it, line by line. */
export function becomes(intended: Intended | null): string[] {
  if (!intended) return [];
  if ('change' in intended) return intended.shown.map(({ column, from, to }) => `${column}: ${from} → ${to}`);
  const { kind } = intended.add;
  return [`New ${kind === 'service' ? 'service account' : 'person'}: ${intended.roles.join(', ')}`];
}

import type { Permission } from './permissions.js';

/** What can be done to many: what its button says, and what it asks of who does it. */
export const KINDS = {
  enable: { label: 'Enable', permission: 'users:write' },
  disable: { label: 'Disable', permission: 'users:write' },
  'end-sessions': { label: 'End all sessions', permission: 'users:write' },
  'demand-two-factor': { label: 'Demand two-factor authentication', permission: 'users:write' },
  'mark-outdated': { label: 'Mark the password outdated', permission: 'users:write' },
  'give-role': { label: 'Give the role', permission: 'users:write' },
  'take-role': { label: 'Take the role', permission: 'users:write' },
  invite: { label: 'Send the invitation again', permission: 'users:write' },
  delete: { label: 'Delete', permission: 'users:delete' },
} as const satisfies Record<string, { label: string; permission: Permission }>;

/** People from a file: a job like these, of which each row says for itself what is done. */
export const IMPORT = { name: 'import', label: 'Import', permission: 'users:write' } as const;

export type BulkAction = keyof typeof KINDS;

export const BULK_ACTIONS = Object.keys(KINDS) as [BulkAction, ...BulkAction[]];

/** Whether this names something that is done to each of a selection. */
export function isBulkAction(action: string): action is BulkAction {
  return Object.hasOwn(KINDS, action);
}

/** What an action is called, and what it asks of who does it; what is none of these was begun by another version. */
export function kindOf(action: string): { label: string; permission: Permission } {
  if (action === IMPORT.name) return IMPORT;
  return isBulkAction(action) ? KINDS[action] : { label: 'Unknown change', permission: 'users:write' };
}

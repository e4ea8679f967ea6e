import type { Permission } from '#policies/permissions.js';

/** Who may come in, in the words that pages and calls share; each door has others of its own beside them. */
export interface Anyone {
  who: 'anyone';
}

export interface Permitted {
  who: 'permitted';
  permission: Permission;
}

/** Whoever it is. */
export const anyone: Anyone = { who: 'anyone' };

/** Who has this permission. */
export const may = (permission: Permission): Permitted => ({ who: 'permitted', permission });

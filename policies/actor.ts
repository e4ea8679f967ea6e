import type { Permission } from './permissions.js';

/** Who asks. The shape every rule looks at; made from one read of the database at each request. */
export interface Actor {
  kind: 'user' | 'command-line' | 'system';
  /** The user's id; null for the command line and for jobs. */
  id: string | null;
  tenantId: string | null;
  /** True for users of the platform tenant. */
  platform: boolean;
  permissions: ReadonlySet<Permission>;
  /** Holds the role at the top of the tenant (Owner; Operator in the platform). */
  top: boolean;
}

/** The operator at the machine's own command line: may all, and the log says so. */
export const COMMAND_LINE: Actor = {
  kind: 'command-line',
  id: null,
  tenantId: null,
  platform: true,
  permissions: new Set(),
  top: true,
};

/** Jobs that run by the clock. */
export const SYSTEM: Actor = { ...COMMAND_LINE, kind: 'system' };

import { newId } from '#models/columns.js';
import { randomToken } from '#server/lib/random-token.js';
import type { ApiRoute } from '#server/api/route.js';
import type { Route } from '#server/http/route.js';

/** The path of a route with values for its parameters; by default ones that nothing has. */
export function pathOf(route: Pick<Route, 'path'>, values: Record<string, string> = {}): string {
  return route.path.replace(/:(\w+)/g, (_, name: string) => values[name] ?? (name === 'id' ? newId() : randomToken()));
}

/** The noun that an id stands for: `users` in `/admin/users/:id/removal`; null where the path has none. */
export function nounOf({ path }: Pick<Route, 'path'>): string | null {
  return /\/([a-z-]+)\/:id(\/|$)/.exec(path)?.[1] ?? null;
}

/** The table that holds what a noun names. */
export function tableOf(noun: string): string {
  return TABLES[noun] ?? noun.replaceAll('-', '_');
}

const TABLES: Record<string, string> = {
  activity: 'security_events',
  bulk: 'user_jobs',
  checkpoints: 'log_checkpoints',
  history: 'policy_entries',
  mail: 'outbox_messages',
  'security-log': 'security_events',
  tokens: 'api_credentials',
  credentials: 'api_credentials',
};

/** Who may, in one word: the permission, where it needs one. */
export function wordOf({ access }: Pick<ApiRoute, 'access'>): string {
  return access.who === 'permitted' ? access.permission : access.who;
}

export function titleOf({ method, path }: Route): string {
  return `${method.toUpperCase()} ${path}`;
}

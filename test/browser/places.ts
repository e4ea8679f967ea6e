import { routes } from '#server/features/index.js';
import type { Portal } from '../support/portal.js';

/** The pages that a browser can open as they stand: every GET route but downloads, with real ids for `:id` where a noun has them. */
export function openablePaths(portal: Portal, prefix = ''): string[] {
  const ids: Record<string, string> = { '/admin/users/:id': portal.idOf('acme/uma') };
  return routes
    .filter(({ method, path }) => method === 'get' && path.startsWith(prefix))
    .map(({ path }) => (path in ids ? path.replace(':id', ids[path] ?? '') : path))
    .filter((path) => !path.includes(':') && !/\.(csv|jsonl|json)$|passkey-endpoints$/.test(path));
}

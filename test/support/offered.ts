import type { HTMLElement } from 'node-html-parser';
import { routes } from '#server/features/index.js';
import type { Route } from '#server/http/route.js';
import { wordOf } from './routes.js';

/** The route that answers this method at this path; none for what is no page of the portal. */
export function routeAt(method: 'get' | 'post', to: string): Route | undefined {
  const path = to.split(/[?#]/)[0] ?? '';
  return routes.find(
    (route) => route.method === method && new RegExp(`^${route.path.replace(/:\w+/g, '[^/]+')}$`).test(path),
  );
}

/** The permission that a path demands; '' where it demands none. */
export function permissionAt(method: 'get' | 'post', to: string): string {
  const route = routeAt(method, to);
  return route && 'permission' in route.access ? wordOf({ access: route.access }) : '';
}

/** What the main part of a page offers that demands a permission: where its buttons send to, and where its links lead. */
export function offeredBy(document: HTMLElement, path: string): { to: string; permission: string }[] {
  const main = document.querySelector('main');
  const sent = [
    ...(main?.querySelectorAll('form[method=post]') ?? [])
      .filter((form) => form.querySelector('button'))
      .map((form) => form.getAttribute('action') ?? path),
    ...(main?.querySelectorAll('[formaction]') ?? []).map((button) => button.getAttribute('formaction') ?? ''),
  ].map((to) => ({ to, permission: permissionAt('post', to) }));
  const led = (main?.querySelectorAll('a[href]') ?? [])
    .map((link) => link.getAttribute('href') ?? '')
    .filter((to) => to.startsWith('/'))
    .map((to) => ({ to, permission: permissionAt('get', to) }));
  return [...sent, ...led].filter(({ permission }) => permission !== '');
}

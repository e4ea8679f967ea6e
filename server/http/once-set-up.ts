import { isSetUp } from '#server/identity/is-set-up.js';
import { show } from './page.js';
import type { Route } from './route.js';

/** A page for people to sign in at; while there is nobody yet, it says what is waited for. Never the link itself: anybody reads this. */
export function onceSetUp(page: Route['handler']): Route['handler'] {
  return async (req, res) => {
    if (await isSetUp(req.context.services)) return page(req, res);
    show(res, 'setup/waiting', { title: 'Gatehouse is not set up yet' });
  };
}

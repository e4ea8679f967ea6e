import { button, get, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/admin/mail', may('notifications:read'), pages.list),
  button('/admin/mail/:id/retry', may('notifications:write'), pages.retry),
];

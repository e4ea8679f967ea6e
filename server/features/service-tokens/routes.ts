import { get, post, recently, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/admin/users/:id/tokens', may('credentials:read'), pages.list),
  recently(get('/admin/users/:id/tokens/new', may('users:write'), (req, res) => pages.showNew(req, res))),
  recently(post('/admin/users/:id/tokens', may('users:write'), pages.create)),
  recently(post('/admin/users/:id/tokens/preview', may('users:write'), pages.review)),
  get('/admin/users/:id/tokens/:tokenId', may('credentials:read'), (req, res) => pages.details(req, res)),
  recently(post('/admin/users/:id/tokens/:tokenId/rotation', may('users:write'), pages.rotate)),
];

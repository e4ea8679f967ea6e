import { button, get, post, recently, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/admin/credentials', may('credentials:read'), (req, res) => pages.list(req, res)),
  get('/admin/credentials/removal', may('credentials:revoke'), pages.askWhich),
  recently(post('/admin/credentials/removal', may('credentials:revoke'), pages.revokeMany)),
  recently(get('/admin/credentials/:id/removal', may('credentials:revoke'), pages.askRevoke)),
  recently(button('/admin/credentials/:id/removal', may('credentials:revoke'), pages.revoke)),
  recently(get('/admin/users/:id/credentials/removal', may('credentials:revoke'), pages.askRevokeAllOf)),
  recently(button('/admin/users/:id/credentials/removal', may('credentials:revoke'), pages.revokeAllOf)),
];

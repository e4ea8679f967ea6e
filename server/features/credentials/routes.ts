import { button, get, post, recently, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import { sendCredentials } from './export-pages.js';
import * as many from './many-pages.js';
import * as pages from './pages.js';
import * as removal from './removal-pages.js';

export const routes: Route[] = [
  get('/admin/credentials', may('credentials:read'), (req, res) => pages.list(req, res)),
  get('/admin/credentials/export.csv', may('credentials:read'), sendCredentials),
  get('/admin/credentials/removal', may('credentials:revoke'), many.askWhich),
  recently(post('/admin/credentials/removal', may('credentials:revoke'), many.revokeMany)),
  get('/admin/credentials/shortening', may('credentials:revoke'), many.askWhich),
  recently(post('/admin/credentials/shortening', may('credentials:revoke'), many.shortenMany)),
  recently(get('/admin/credentials/:id/removal', may('credentials:revoke'), removal.askRevoke)),
  recently(button('/admin/credentials/:id/removal', may('credentials:revoke'), removal.revoke)),
  recently(get('/admin/users/:id/credentials/removal', may('credentials:revoke'), removal.askRevokeAllOf)),
  recently(button('/admin/users/:id/credentials/removal', may('credentials:revoke'), removal.revokeAllOf)),
];

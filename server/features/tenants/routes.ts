import { button, get, post, recently, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import * as exports from './export-pages.js';
import * as pages from './pages.js';
import * as removal from './removal-pages.js';

export const routes: Route[] = [
  get('/platform/tenants', may('tenants:read'), pages.showTenants),
  recently(get('/platform/tenants/new', may('tenants:write'), (req, res) => pages.showNew(req, res))),
  recently(post('/platform/tenants', may('tenants:write'), pages.create)),
  get('/platform/tenants/:id', may('tenants:read'), (req, res) => pages.showTenant(req, res)),
  recently(post('/platform/tenants/:id', may('tenants:write'), pages.rename)),
  recently(button('/platform/tenants/:id/invitation', may('tenants:write'), pages.inviteAgain)),
  recently(get('/platform/tenants/:id/suspension', may('tenants:write'), pages.confirmSuspension)),
  recently(button('/platform/tenants/:id/suspension', may('tenants:write'), pages.suspend)),
  recently(button('/platform/tenants/:id/resumption', may('tenants:write'), pages.resume)),
  recently(button('/platform/tenants/:id/export', may('tenants:write'), exports.download)),
  recently(get('/platform/tenants/:id/removal', may('tenants:write'), (req, res) => removal.showRemoval(req, res))),
  recently(post('/platform/tenants/:id/removal', may('tenants:write'), removal.remove)),
];

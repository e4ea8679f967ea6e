import { get, post, recently, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import * as pages from './pages.js';
import * as previews from './preview-pages.js';
import * as removal from './removal-pages.js';

export const routes: Route[] = [
  get('/admin/roles', may('roles:read'), pages.list),
  get('/admin/roles/new', may('roles:write'), (req, res) => pages.showNew(req, res)),
  recently(post('/admin/roles', may('roles:write'), pages.create)),
  get('/admin/roles/:id', may('roles:read'), (req, res) => pages.showRole(req, res)),
  // Before the one below, for which it would be an id.
  recently(post('/admin/roles/preview', may('roles:write'), previews.previewNew)),
  recently(post('/admin/roles/:id', may('roles:write'), pages.change)),
  recently(post('/admin/roles/:id/preview', may('roles:write'), previews.preview)),
  recently(get('/admin/roles/:id/removal', may('roles:write'), (req, res) => removal.askRemove(req, res))),
  recently(post('/admin/roles/:id/removal', may('roles:write'), removal.remove)),
];

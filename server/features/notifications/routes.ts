import { get, post, recently, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/admin/notifications', may('notifications:read'), pages.list),
  get('/admin/notifications/:event', may('notifications:read'), (req, res) => pages.showNotification(req, res)),
  recently(post('/admin/notifications/:event', may('notifications:write'), pages.save)),
  post('/admin/notifications/:event/preview', may('notifications:write'), pages.preview),
  post('/admin/notifications/:event/test', may('notifications:write'), pages.test),
  recently(post('/admin/notifications/:event/restoration', may('notifications:write'), pages.restore)),
];

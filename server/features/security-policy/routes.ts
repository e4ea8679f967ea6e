import { get, post, recently, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import * as history from './history-pages.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/admin/security-policy', may('policy:read'), (req, res) => pages.showPolicy(req, res)),
  recently(post('/admin/security-policy', may('policy:write'), pages.save)),
  recently(post('/admin/security-policy/preview', may('policy:write'), pages.preview)),
  recently(get('/admin/security-policy/scheduled/removal', may('policy:write'), pages.askRemoveScheduled)),
  recently(post('/admin/security-policy/scheduled/removal', may('policy:write'), pages.removeScheduledChange)),
  get('/admin/security-policy/history', may('policy:read'), history.showHistory),
  get('/admin/security-policy/history/:id', may('policy:read'), (req, res) => history.showEntry(req, res)),
  recently(post('/admin/security-policy/history/:id/restoration', may('policy:write'), history.restore)),
];

import { button, get, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import { download } from './export-pages.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/admin/security-log', may('log:read'), pages.showLog),
  get('/admin/security-log/export.csv', may('log:export'), download('csv')),
  get('/admin/security-log/export.jsonl', may('log:export'), download('jsonl')),
  get('/admin/security-log/:id', may('log:read'), pages.showEntry),
  button('/admin/security-log/verification', may('log:read'), pages.verify),
];

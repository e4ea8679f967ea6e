import { button, get, post, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import { downloadCheckpoint, mailThem, make } from './checkpoint-pages.js';
import { download } from './export-pages.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/admin/security-log', may('log:read'), pages.showLog),
  get('/admin/security-log/export.csv', may('log:export'), download('csv')),
  get('/admin/security-log/export.jsonl', may('log:export'), download('jsonl')),
  get('/admin/security-log/:id', may('log:read'), pages.showEntry),
  button('/admin/security-log/verification', may('log:read'), pages.verify),
  button('/admin/security-log/checkpoints', may('log:export'), make),
  post('/admin/security-log/checkpoints/mail', may('log:export'), mailThem),
  button('/admin/security-log/checkpoints/:id/export', may('log:export'), downloadCheckpoint),
];

import { button, get, post, recently, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import { bulk } from './bulk-pages.js';
import * as job from './job-pages.js';

export const routes: Route[] = [
  get('/admin/users/bulk', may('users:read'), job.showJobs),
  recently(post('/admin/users/bulk', may('users:write'), bulk)),
  get('/admin/users/bulk/:id', may('users:read'), job.showJob),
  get('/admin/users/bulk/:id/report.csv', may('users:read'), job.sendReport),
  recently(button('/admin/users/bulk/:id/cancellation', may('users:write'), job.cancel)),
];

import { button, get, post, recently, takingFile, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import { bulk } from './bulk-pages.js';
import * as imports from './import-pages.js';
import * as job from './job-pages.js';

export const routes: Route[] = [
  get('/admin/users/bulk', may('users:read'), job.showJobs),
  recently(post('/admin/users/bulk', may('users:write'), bulk)),
  recently(get('/admin/users/import', may('users:write'), (req, res) => imports.showImport(req, res))),
  takingFile(post('/admin/users/import/preview', may('users:write'), imports.preview)),
  recently(post('/admin/users/import', may('users:write'), imports.begin)),
  get('/admin/users/bulk/:id', may('users:read'), job.showJob),
  get('/admin/users/bulk/:id/report.csv', may('users:read'), job.sendReport),
  recently(button('/admin/users/bulk/:id/cancellation', may('users:write'), job.cancel)),
];

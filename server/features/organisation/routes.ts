import { get, post, recently, takingFile, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/admin/organisation', may('organisation:read'), (req, res) => pages.showOrganisation(req, res)),
  recently(takingFile(post('/admin/organisation', may('organisation:write'), pages.save))),
  takingFile(post('/admin/organisation/preview', may('organisation:write'), pages.preview)),
];

import { button, get, signedInOnly, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/security/checkup', signedInOnly, pages.showOwn),
  button('/security/checkup/:item/postponement', signedInOnly, pages.putOffOwn),
  button('/security/checkup/:item/postponement/withdrawal', signedInOnly, pages.recallOwn),
  get('/admin/checkup', may('users:read'), pages.showOrganisation),
  button('/admin/checkup/:item/postponement', may('users:read'), pages.putOffOrganisation),
  button('/admin/checkup/:item/postponement/withdrawal', may('users:read'), pages.recallOrganisation),
];

import { button, get, post, recently, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/admin/approvals', may('users:read'), pages.list),
  get('/admin/approvals/:id', may('users:read'), (req, res) => pages.showOne(req, res)),
  recently(button('/admin/approvals/:id/approval', may('users:write'), pages.giveApproval)),
  recently(post('/admin/approvals/:id/refusal', may('users:write'), pages.giveRefusal)),
  recently(button('/admin/approvals/:id/withdrawal', may('users:two-factor'), pages.takeBack)),
];

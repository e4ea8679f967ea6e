import { button, get, post, recently, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import * as access from './access-pages.js';
import * as pass from './access-pass-pages.js';
import * as account from './account-pages.js';
import * as passkeys from './passkeys-pages.js';
import * as list from './list-pages.js';
import * as former from './former-names-pages.js';
import * as create from './create-pages.js';
import { sendUsers } from './export-pages.js';
import { showUser } from './user-page.js';
import * as why from './why-pages.js';

export const routes: Route[] = [
  get('/admin/users', may('users:read'), (req, res) => list.showUsers(req, res)),
  recently(get('/admin/users/new', may('users:write'), (req, res) => create.showNew(req, res))),
  recently(post('/admin/users', may('users:write'), create.create)),
  get('/admin/users/former', may('users:write'), (req, res) => former.showFormerNames(req, res)),
  recently(post('/admin/users/former', may('users:write'), former.free)),
  get('/admin/users/export.csv', may('users:read'), sendUsers),
  get('/admin/users/:id', may('users:read'), (req, res) => showUser(req, res)),
  get('/admin/users/:id/why', may('users:read'), why.showWhy),
  recently(post('/admin/users/:id', may('users:write'), account.change)),
  recently(post('/admin/users/:id/unlock', may('users:write'), access.unlockUser)),
  recently(button('/admin/users/:id/invitation', may('users:write'), access.invite)),
  recently(button('/admin/users/:id/password-reset', may('users:write'), access.resetPassword)),
  recently(button('/admin/users/:id/password-expiry', may('users:write'), access.expirePassword)),
  recently(post('/admin/users/:id/two-factor-reset', may('users:two-factor'), access.resetTwoFactor)),
  recently(get('/admin/users/:id/access-pass', may('users:two-factor'), (req, res) => pass.askAccessPass(req, res))),
  recently(post('/admin/users/:id/access-pass', may('users:two-factor'), pass.accessPass)),
  recently(
    get('/admin/users/:id/passkeys/:passkeyId/removal', may('users:two-factor'), (req, res) =>
      passkeys.askRemovePasskey(req, res),
    ),
  ),
  recently(post('/admin/users/:id/passkeys/:passkeyId/removal', may('users:two-factor'), passkeys.removePasskey)),
  recently(get('/admin/users/:id/sessions/removal', may('users:write'), access.askEndSessions)),
  recently(post('/admin/users/:id/sessions/removal', may('users:write'), access.endSessions)),
  recently(get('/admin/users/:id/removal', may('users:delete'), (req, res) => account.showRemoval(req, res))),
  recently(post('/admin/users/:id/removal', may('users:delete'), account.remove)),
];

import { button, get, post, recently, recentlyFor, signedInOnly, withdrawing, type Route } from '#server/http/route.js';
import { download } from './export-pages.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  recentlyFor(
    get('/account/removal', signedInOnly, (req, res) => pages.showRemoval(req, res)),
    pages.asksNoPassword,
  ),
  recentlyFor(post('/account/removal', signedInOnly, pages.remove), pages.asksNoPassword),
  recently(button('/account/export', signedInOnly, download)),
  get('/account/removal/withdrawal', withdrawing, pages.showWithdrawal),
  button('/account/removal/withdrawal', withdrawing, pages.withdraw),
];

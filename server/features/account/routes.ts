import { button, get, post, signedInOnly, withdrawing, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/account/removal', signedInOnly, (req, res) => pages.showRemoval(req, res)),
  post('/account/removal', signedInOnly, pages.remove),
  get('/account/removal/withdrawal', withdrawing, pages.showWithdrawal),
  button('/account/removal/withdrawal', withdrawing, pages.withdraw),
];

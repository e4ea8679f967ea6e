import { get, post, signedInOnly, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/account/removal', signedInOnly, (req, res) => pages.showRemoval(req, res)),
  post('/account/removal', signedInOnly, pages.remove),
];

import { get, post, type Route } from '#server/http/route.js';
import { anyone } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/password/forgot', anyone, pages.openForgot),
  post('/password/forgot', anyone, pages.forgot),
  get('/password/forgot/sent', anyone, pages.showSent),
  get('/password/reset/:token', anyone, (req, res) => pages.showReset(req, res)),
  post('/password/reset/:token', anyone, pages.reset),
];

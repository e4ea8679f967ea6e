import { get, post, type Route } from '#server/http/route.js';
import { anyone } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/setup/:code', anyone, (req, res) => pages.showSetup(req, res)),
  post('/setup/:code', anyone, pages.completeSetup),
];

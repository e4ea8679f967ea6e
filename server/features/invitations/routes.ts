import { get, post, type Route } from '#server/http/route.js';
import { anyone } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/invitations/:token', anyone, (req, res) => pages.showInvitation(req, res)),
  post('/invitations/:token', anyone, pages.accept),
];

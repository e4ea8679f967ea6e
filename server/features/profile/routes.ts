import { get, post, recentlyFor, signedInOnly, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/profile', signedInOnly, (req, res) => pages.showProfile(req, res)),
  recentlyFor(post('/profile', signedInOnly, pages.save), pages.changesEmail),
];

import { arriving, button, get, halfOrLimited, post, signedInOnly, type Route } from '#server/http/route.js';
import { anyone } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/', signedInOnly, pages.start),
  get('/login', anyone, pages.showLogin),
  post('/login', arriving, pages.login),
  button('/logout', halfOrLimited, pages.logout),
];

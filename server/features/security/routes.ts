import { get, signedInOnly, type Route } from '#server/http/route.js';
import { anyone } from '#server/input/access.js';
import { sectionsOf, showSecurity } from './pages.js';

export const routes: Route[] = [
  { ...get('/security', signedInOnly, (req, res) => showSecurity(req, res)), asks: sectionsOf },
  // Where password managers look for the page that changes a password (W3C, a well-known URL for it).
  get('/.well-known/change-password', anyone, (_req, res) => res.redirect(303, '/security?form=password#password')),
];

import { asking } from '#server/http/ask-along.js';
import { get, signedInOnly, type Route } from '#server/http/route.js';
import { anyone } from '#server/input/access.js';
import { sectionsOf, showSecurity } from './pages.js';

const securityPage = get('/security', signedInOnly, (req, res) => showSecurity(req, res));

export const routes: Route[] = [
  asking(securityPage, sectionsOf),
  // Where password managers look for the page that changes a password (W3C, a well-known URL for it).
  get('/.well-known/change-password', anyone, (_req, res) => res.redirect(303, '/security?form=password#password')),
];

import { get, signedInOnly, type Route } from '#server/http/route.js';
import { showSecurity } from './pages.js';

export const routes: Route[] = [get('/security', signedInOnly, (req, res) => showSecurity(req, res))];

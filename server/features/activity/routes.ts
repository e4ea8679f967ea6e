import { get, signedInOnly, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [get('/security/activity', signedInOnly, pages.list)];

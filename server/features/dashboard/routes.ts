import { get, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [get('/admin', may('users:read'), pages.showOverview)];

import { get, may, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [get('/admin', may('users:read'), pages.showOverview)];

import { get, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [get('/platform/health', may('tenants:read'), pages.showHealth)];

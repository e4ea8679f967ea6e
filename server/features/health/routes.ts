import { get, may, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [get('/platform/health', may('tenants:read'), pages.showHealth)];

import { get, type Route } from '#server/http/route.js';
import { anyone } from '#server/input/access.js';
import { showApiDocs } from './pages.js';

export const routes: Route[] = [get('/api/docs', anyone, showApiDocs)];

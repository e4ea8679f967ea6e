import { post, signedInOnly, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [post('/security/remembered-browsers/:id/removal', signedInOnly, pages.forget)];

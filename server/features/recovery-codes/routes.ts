import { post, recently, signedInOnly, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [recently(post('/security/recovery-codes', signedInOnly, pages.renew))];

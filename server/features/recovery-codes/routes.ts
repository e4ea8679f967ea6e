import { button, get, recently, signedInOnly, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  recently(get('/security/recovery-codes', signedInOnly, pages.askRenew)),
  recently(button('/security/recovery-codes', signedInOnly, pages.renew)),
];

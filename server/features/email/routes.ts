import { anyone, get, post, signedInOnly, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/email/confirm/:token', anyone, pages.showConfirmation),
  post('/email/confirm/:token', anyone, pages.confirm),
  post('/profile/email/cancellation', signedInOnly, pages.cancel),
];

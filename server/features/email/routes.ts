import { button, get, signedInOnly, type Route } from '#server/http/route.js';
import { anyone } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/email/confirm/:token', anyone, pages.showConfirmation),
  button('/email/confirm/:token', anyone, pages.confirm),
  button('/profile/email/cancellation', signedInOnly, pages.cancel),
];

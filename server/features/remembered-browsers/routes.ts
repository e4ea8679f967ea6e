import { button, get, signedInOnly, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/security/remembered-browsers/:id/removal', signedInOnly, pages.askForget),
  button('/security/remembered-browsers/:id/removal', signedInOnly, pages.forget),
];

import { button, get, recently, signedInOnly, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/security/sessions', signedInOnly, pages.list),
  get('/security/sessions/others/removal', signedInOnly, pages.askEndOthers),
  recently(button('/security/sessions/others/removal', signedInOnly, pages.endOthers)),
  get('/security/sessions/:id/removal', signedInOnly, pages.askEnd),
  button('/security/sessions/:id/removal', signedInOnly, pages.end),
];

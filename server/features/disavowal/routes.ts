import { button, get, signedInOnly, type Route } from '#server/http/route.js';
import { anyone } from '#server/input/access.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/security/activity/:id/disavowal', signedInOnly, pages.showDisavowal),
  // Without asking for the password again: whoever sees a stranger in the account must be able to act at once.
  button('/security/activity/:id/disavowal', signedInOnly, pages.sendDisavowal),
  get('/disavowal/:token', anyone, pages.showLink),
  button('/disavowal/:token', anyone, pages.takeLink),
];

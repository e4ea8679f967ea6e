import { button, get, limitedToo, post, recently, signedInOnly, type Route } from '#server/http/route.js';
import { anyone } from '#server/input/access.js';
import * as pages from './pages.js';

// Where password managers look for the pages of passkeys (W3C, a well-known URL for them).
const ENDPOINTS = '/.well-known/passkey-endpoints';

// In limited mode too: who must have a second factor may choose this one, and let one that they have sign in alone.
export const routes: Route[] = [
  get(ENDPOINTS, anyone, pages.endpoints),
  get('/security/passkeys', signedInOnly, (req, res) => pages.list(req, res)),
  recently(get('/security/passkeys/new', limitedToo, (req, res) => pages.showNew(req, res))),
  recently(post('/security/passkeys', limitedToo, pages.add)),
  get('/security/passkeys/:id', limitedToo, (req, res) => pages.showOne(req, res)),
  recently(post('/security/passkeys/:id', limitedToo, pages.change)),
  recently(get('/security/passkeys/:id/removal', signedInOnly, pages.askRemove)),
  recently(button('/security/passkeys/:id/removal', signedInOnly, pages.remove)),
  recently(button('/security/passkeys/:id/restoration', signedInOnly, pages.restore)),
];

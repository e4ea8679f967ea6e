import { get, limitedToo, post, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

// In limited mode too: setting up the second factor that is demanded asks for it.
export const routes: Route[] = [
  get('/confirm', limitedToo, (req, res) => pages.showConfirm(req, res)),
  post('/confirm', limitedToo, pages.sendConfirmation),
  post('/confirm/passkey', limitedToo, pages.sendPasskey),
  get('/confirm/kept', limitedToo, pages.showKept),
];

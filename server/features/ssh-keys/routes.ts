import { button, get, post, recently, signedInOnly, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  get('/security/ssh-keys', signedInOnly, (req, res) => pages.list(req, res)),
  recently(post('/security/ssh-keys', signedInOnly, pages.add)),
  get('/security/ssh-keys/:id/removal', signedInOnly, pages.askRemove),
  button('/security/ssh-keys/:id/removal', signedInOnly, pages.remove),
  recently(button('/security/ssh-keys/:id/restoration', signedInOnly, pages.restore)),
];

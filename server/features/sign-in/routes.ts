import {
  arriving,
  button,
  get,
  halfOrLimited,
  limitedToo,
  post,
  signedInOnly,
  type Route,
} from '#server/http/route.js';
import { anyone } from '#server/input/access.js';
import * as pages from './pages.js';
import * as pass from './pass-pages.js';
import * as passkey from './passkey-pages.js';
import * as link from './setup-link-pages.js';

export const routes: Route[] = [
  get('/', signedInOnly, pages.start),
  get('/login', anyone, pages.openLogin),
  post('/login', arriving, pages.login),
  post('/login/passkey', arriving, passkey.sendPasskey),
  get('/login/pass', anyone, pass.openPass),
  post('/login/pass', anyone, pass.sendPass),
  get('/login/pass/setup', limitedToo, pass.showSetup),
  get('/recovery/setup/:token', anyone, (req, res) => link.showSetupLink(req, res)),
  post('/recovery/setup/:token', arriving, link.openSetupLink),
  button('/logout', halfOrLimited, pages.logout),
];

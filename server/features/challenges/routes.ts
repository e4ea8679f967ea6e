import {
  get,
  halfOrLimited,
  halfOrVisitor,
  halfSignedIn,
  post,
  recently,
  recentlyFor,
  type Route,
} from '#server/http/route.js';
import { showsSecret } from '../two-factor/pages.js';
import * as pages from './pages.js';
import * as recovery from './recovery-pages.js';
import * as setup from './setup-pages.js';

export const routes: Route[] = [
  get('/login/two-factor', halfSignedIn, (req, res) => pages.showCode(req, res)),
  post('/login/two-factor', halfSignedIn, pages.sendCode),
  post('/login/two-factor/passkey', halfSignedIn, pages.sendPasskey),
  get('/login/recovery', halfOrVisitor, recovery.openRecovery),
  post('/login/recovery', halfOrVisitor, recovery.sendRecovery),
  recentlyFor(
    get('/login/two-factor/setup', halfOrLimited, (req, res) => setup.showSetup(req, res)),
    showsSecret,
  ),
  recently(post('/login/two-factor/setup', halfOrLimited, setup.sendSetup)),
];

import { button, get, limitedToo, post, recently, recentlyFor, signedInOnly, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  recentlyFor(
    get('/security/two-factor', signedInOnly, (req, res) => pages.showTwoFactor(req, res)),
    pages.showsSecret,
  ),
  recently(get('/security/two-factor/setup', signedInOnly, pages.askReset)),
  recently(button('/security/two-factor/setup', limitedToo, pages.start)),
  recently(post('/security/two-factor/confirmation', signedInOnly, pages.validate)),
  recently(button('/security/two-factor/cancellation', signedInOnly, pages.cancel)),
  recently(get('/security/two-factor/removal', signedInOnly, (req, res) => pages.askDisable(req, res))),
  recently(post('/security/two-factor/removal', signedInOnly, pages.disable)),
];

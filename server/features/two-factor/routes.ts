import { get, limitedToo, post, recently, recentlyFor, signedInOnly, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  recentlyFor(
    get('/security/two-factor', signedInOnly, (req, res) => pages.showTwoFactor(req, res)),
    pages.showsSecret,
  ),
  recently(post('/security/two-factor/setup', limitedToo, pages.start)),
  recently(post('/security/two-factor/confirmation', signedInOnly, pages.validate)),
  recently(post('/security/two-factor/cancellation', signedInOnly, pages.cancel)),
  recently(post('/security/two-factor/removal', signedInOnly, pages.disable)),
];

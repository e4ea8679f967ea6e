import { get, limitedToo, post, recently, recentlyFor, signedInOnly, type Route } from '#server/http/route.js';
import * as pages from './pages.js';

export const routes: Route[] = [
  // The form proves the password itself, but not the second factor.
  recentlyFor(
    post('/security/password', signedInOnly, pages.change),
    ({ context }) => context.user?.twoFactor === 'active',
  ),
  // A session that has been open for hours proves no old password: whoever sits at it must not set a new one.
  recently(get('/login/password', limitedToo, (req, res) => pages.showRequired(req, res))),
  recently(post('/login/password', limitedToo, pages.changeRequired)),
];

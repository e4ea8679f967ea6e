import { button, get, post, recently, signedInOnly, type Route } from '#server/http/route.js';
import { may } from '#server/input/access.js';
import { askRevokeSingle, generateSingle, revokeSingle, showSingle } from './single-pages.js';
import * as tokens from './token-pages.js';

export const routes: Route[] = [
  get('/security/tokens', signedInOnly, tokens.list),
  recently(get('/security/tokens/new', may('tokens:create'), (req, res) => tokens.showNew(req, res))),
  recently(post('/security/tokens', may('tokens:create'), tokens.create)),
  recently(post('/security/tokens/preview', may('tokens:create'), tokens.review)),
  get('/security/tokens/:id', signedInOnly, (req, res) => tokens.details(req, res)),
  recently(post('/security/tokens/:id/rotation', may('tokens:create'), tokens.rotate)),
  get('/security/tokens/:id/removal', signedInOnly, tokens.askRevoke),
  button('/security/tokens/:id/removal', signedInOnly, tokens.revoke),
  get('/security/api-key', signedInOnly, showSingle('key')),
  recently(post('/security/api-key', may('tokens:create'), generateSingle('key'))),
  get('/security/api-key/removal', signedInOnly, askRevokeSingle('key')),
  button('/security/api-key/removal', signedInOnly, revokeSingle('key')),
  get('/security/api-password', signedInOnly, showSingle('password')),
  recently(post('/security/api-password', may('tokens:create'), generateSingle('password'))),
  get('/security/api-password/removal', signedInOnly, askRevokeSingle('password')),
  button('/security/api-password/removal', signedInOnly, revokeSingle('password')),
];

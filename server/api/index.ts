import express, { type RequestHandler, type Router } from 'express';
import { JSON_TYPE, sendText } from '#server/http/compress.js';
import { countUnauthenticated, type Gate } from './authenticate.js';
import { anyone } from '#server/input/access.js';
import { otherMethods } from './methods.js';
import { nothingHere, problemAnswer } from './problem.js';
import type { ApiRoute } from './route.js';
import { apiRouter } from './router.js';

/** The API: its calls below `/v1`, its description at `/openapi.json`. Reads no cookie. */
export function createApi(gate: Gate, handlers: ReadonlyMap<ApiRoute, RequestHandler>, document: () => object): Router {
  const api = express.Router();
  let text: string | undefined;
  // Its documentation is a page like any other, and the pages have it.
  api.get('/docs', (_req, _res, next) => next('router'));
  api.get('/openapi.json', (req, res) => {
    countUnauthenticated(gate, req, res);
    text ??= JSON.stringify(document());
    sendText(res, JSON_TYPE, text);
  });
  // Which methods there are is told to anybody: that is counted as well.
  api.options('/*path', (req, res, next) => {
    countUnauthenticated(gate, req, res);
    next();
  });
  api.all(['/docs', '/openapi.json'], otherMethods([{ method: 'get', access: anyone }]));
  api.use('/v1', apiRouter(handlers));
  api.use(nothingHere);
  api.use(problemAnswer(gate));
  return api;
}

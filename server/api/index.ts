import express, { type RequestHandler, type Router } from 'express';
import { JSON_TYPE, sendText } from '#server/http/compress.js';
import { countUnauthenticated, type Gate } from './authenticate.js';
import { otherMethods } from '#server/http/methods.js';
import { addressAsked } from '#server/http/host.js';
import { apiAt } from '#server/lib/own-address.js';
import { nothingHere, problemAnswer } from './problem.js';
import type { ApiRoute } from './route.js';
import { apiRouter } from './router.js';

/** The API: its calls below `/v1`, its description at `/openapi.json`. Reads no cookie. */
export function createApi(gate: Gate, handlers: ReadonlyMap<ApiRoute, RequestHandler>, document: () => object): Router {
  const api = express.Router();
  let text: string | undefined;
  const { config } = gate.services;
  const inText = (address: string): string => JSON.stringify({ url: apiAt(address) });
  // Its documentation is a page like any other, and the pages have it.
  api.get('/docs', (_req, _res, next) => next('router'));
  api.get('/openapi.json', (req, res) => {
    countUnauthenticated(gate, req, res);
    text ??= JSON.stringify(document());
    // Where each organisation has an address of its own, its programs call that.
    const here = addressAsked(config, req.headers.host);
    sendText(res, JSON_TYPE, here === config.baseUrl ? text : text.replace(inText(config.baseUrl), inText(here)));
  });
  // Which methods there are is told to anybody: that is counted as well.
  api.options('/*path', (req, res, next) => {
    countUnauthenticated(gate, req, res);
    next();
  });
  api.all(['/docs', '/openapi.json'], otherMethods([{ method: 'get' }]));
  api.use('/v1', apiRouter(handlers));
  api.use(nothingHere);
  api.use(problemAnswer(gate));
  return api;
}

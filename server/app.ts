import { join } from 'node:path';
import express, { type Express } from 'express';
import type { Gate } from './api/authenticate.js';
import { createApi } from './api/index.js';
import { openApiDocument } from './api/openapi.js';
import { problemAnswer } from './api/problem.js';
import { createRateLimiter } from './api/rate-limit.js';
import { callHandlers } from './api/router.js';
import type { Services } from './context.js';
import { apiRoutes } from './features/api.js';
import { menu } from './features/menu.js';
import { routes } from './features/index.js';
import { askingAlong } from './http/ask-along.js';
import { createAssets } from './http/assets.js';
import { formBody, soundAddress, soundForm } from './http/body.js';
import { openContext, requestLog } from './http/context.js';
import { csrfGuard, ownSiteOnly } from './http/csrf.js';
import { errorPage, notFound } from './http/errors.js';
import { securityHeaders } from './http/headers.js';
import { healthz, readyz } from './http/health.js';
import { logos } from './http/logos.js';
import { looks } from './http/looks.js';
import { pageMethods } from './http/methods.js';
import { metrics } from './http/metrics.js';
import { ownHostOnly } from './http/host.js';
import { atOnce, inTurn, looksBehind } from './http/in-turn.js';
import { doubtRequests, knownAddressOnly } from './http/own-request.js';
import type { Shell } from './http/page.js';
import { routeHandlers } from './http/route.js';
import { answerAgain } from './http/sent-form.js';
import { sessionReader, sessions, touchSession } from './http/session.js';
import { builtViews, createViews } from './http/views.js';
import { IS_BUILT, PROJECT_ROOT, VERSION } from './lib/project-root.js';
import type { Mailer } from './mail/mailer.js';
import { createServices, type ServicesOptions } from './services.js';
import { EVENT_NAMES } from './trace/events.js';

export interface AppOptions extends ServicesOptions {
  /** Delivers the outbox; the app itself only writes to it, so that a request never waits for a mail server. */
  mailer?: Mailer;
}

/** What is asked for whoever watches over the process. */
const HEALTH = ['/healthz', '/readyz'].map((path) => ({ method: 'get', path }));

/** The whole portal as an Express app, the same in a test as when served. A request's life, in its order. */
export function createApp(options: AppOptions, services: Services = createServices(options)): Express {
  const { config } = services;
  const root = PROJECT_ROOT;
  const keep = config.env !== 'development';
  const assets = createAssets(join(root, 'public'), join(root, 'dist/assets'), keep);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  doubtRequests(app, config);
  app.locals['shell'] = {
    services,
    menu,
    render:
      config.env === 'production' && IS_BUILT
        ? builtViews(join(root, 'dist/views.txt'))
        : createViews(join(root, 'views'), { keep, strict: config.env !== 'production' }),
    asset: assets.link,
  } satisfies Shell;

  const gate: Gate = {
    services,
    limiter: createRateLimiter(),
    readSession: sessionReader(services),
  };
  let described: object | undefined;
  const document = () => (described ??= openApiDocument(apiRoutes, config.baseUrl, VERSION));
  app.locals['apiDocument'] = document;
  services.meters.expect(EVENT_NAMES);

  const calls = callHandlers(gate, apiRoutes);
  const pages = routeHandlers(services, routes);
  const first = inTurn(requestLog(services), securityHeaders(config), soundAddress);
  const ownHost = ownHostOnly(config);
  const knownAddress = knownAddressOnly(services);
  const beforePages = inTurn(
    // The body before who asks: it may take its time, and what was true at its head is not believed at its end.
    formBody(
      services,
      routes.filter(({ takesFile }) => takesFile),
    ),
    sessions(services),
    openContext,
    soundForm,
    touchSession(services),
    ownSiteOnly(services),
    answerAgain(services),
    csrfGuard(services),
  );

  // Most of what is asked for goes the way that is written below without Express looking at each step whose path it is.
  const knock = inTurn(first, ownHost, knownAddress);
  app.use(
    inTurn(
      atOnce(looksBehind(inTurn(knock, beforePages), pages, ({ asks }) => (asks ? [askingAlong(asks)] : []))),
      atOnce(looksBehind(inTurn(knock, openContext), calls), '/api/v1'),
    ),
  );
  app.use(first);
  app.get('/healthz', healthz);
  app.get('/readyz', readyz(services));
  app.get('/metrics', metrics(services));
  app.use(ownHost);
  app.use('/assets', assets.serve);
  app.get('/favicon.ico', assets.file('img/favicon.ico'));
  app.get('/logos/:name', logos(services));
  app.get('/looks/:file', looks);
  app.use(knownAddress);
  app.use('/api', openContext, createApi(gate, calls, document));
  app.use(pageMethods([...routes, ...HEALTH]));
  app.use(beforePages);
  app.use(atOnce(pages));
  for (const [{ method, path }, handler] of pages) app[method](path, handler);
  app.use(notFound);
  app.use('/api/v1', problemAnswer(gate));
  app.use(errorPage(services));
  return app;
}

import assert from 'node:assert/strict';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import supertest from 'supertest';
import { apiRoutes } from '#server/features/api.js';
import { routes } from '#server/features/index.js';
import { atOnce, inTurn } from '#server/http/in-turn.js';

const PAGES: [string, string][] = [
  ['get', '/people/:id'],
  ['get', '/people/new'],
  ['get', '/People/all/of'],
  ['get', '/people/all/of'],
  ['get', '/security'],
  ['post', '/security'],
  ['get', '/security'],
  ['get', '/fails'],
  ['get', '/rejects'],
];
const ASKED = [
  '/people/7',
  '/people/new',
  '/people/all/of',
  '/People/all/of',
  '/security',
  '/SECURITY',
  '/security/',
  '/security?a=1',
  '/fails',
  '/rejects',
  '/none',
];

describe('A path that is found at once', () => {
  const answered: ErrorRequestHandler = (error, _req, res, _next) => void res.status(500).send(String(error));
  const appOf = (found: boolean, all: readonly [string, string][] = PAGES) => {
    const app = express();
    const handlers = new Map(all.map(([method, path], at) => [{ method, path }, handlerOf(`${at}`, path)]));
    if (found) app.use(atOnce(handlers));
    for (const [{ method, path }, handler] of handlers) app[method as 'get'](path, handler);
    app.use(answered);
    return app;
  };
  const handlerOf =
    (name: string, path: string): RequestHandler =>
    async (req, res) => {
      await Promise.resolve();
      if (path === '/fails') throw new Error('as it must');
      if (path === '/rejects') return Promise.reject(new Error('as it must'));
      res.send(
        `${name} ${path} ${String((req.route as { path: string }).path)} ${JSON.stringify(req.params)} ${req.baseUrl}`,
      );
    };

  it('is answered as Express answers it, by the same route, by every spelling of the path and method', async () => {
    for (const method of ['get', 'head', 'post', 'options'] as const)
      for (const path of ASKED) {
        const [one, another] = [
          await supertest(appOf(true))[method](path),
          await supertest(appOf(false))[method](path),
        ];
        assert.deepEqual([one.status, one.text], [another.status, another.text], `${method} ${path}`);
      }
  });

  it('is the one that Express would have taken, for every page and call there is', async () => {
    for (const all of [routes, apiRoutes]) {
      const listed = all.map(({ method, path }): [string, string] => [method, path]);
      const [quick, slow] = [supertest(appOf(true, listed)), supertest(appOf(false, listed))];
      for (const [method, path] of listed) {
        const asked = path.replace(/:\w+/g, 'x').replace(/[{}*]/g, '');
        const [one, another] = [await quick[method as 'get'](asked), await slow[method as 'get'](asked)];
        assert.equal(one.text, another.text, `${method} ${asked}`);
      }
    }
  });
});

describe('Handlers in turn', () => {
  it('each wait for the one before, and what one throws or rejects with is for those who answer errors', async () => {
    const told: string[] = [];
    const step =
      (name: string): RequestHandler =>
      (_req, _res, next) =>
        void setImmediate(() => next(void told.push(name)));
    const failing: RequestHandler[] = [
      () => {
        throw new Error('thrown');
      },
      () => Promise.reject(new Error('rejected')),
      (_req, _res, next) => next(new Error('handed on')),
    ];
    for (const fails of [null, ...failing]) {
      const app = express();
      app.use(inTurn(step('one'), step('two'), ...(fails ? [fails] : []), step('three')));
      app.use((_req, res) => void res.send('done'));
      const caught: ErrorRequestHandler = (error: Error, _req, res, _next) => void res.send(error.message);
      app.use(caught);
      told.length = 0;
      const { text } = await supertest(app).get('/');
      assert.deepEqual(told, fails ? ['one', 'two'] : ['one', 'two', 'three']);
      assert.match(text, fails ? /^(thrown|rejected|handed on)$/ : /^done$/);
    }
  });
});

import assert from 'node:assert/strict';
import { z } from 'zod';
import type { ApiRoute } from '#server/api/route.js';
import { apiRoutes } from '#server/features/api.js';
import { routes } from '#server/features/index.js';
import { MINUTE } from '#server/lib/clock.js';
import { clearCounters } from '../support/database.js';
import { bearer, withBasic } from '../support/programs.js';
import { pathOf, titleOf } from '../support/routes.js';
import { snapshotOf } from '../support/snapshot.js';
import { GOOD_CALLS } from './authority-calls.js';
import { setTheScene, type Scene } from './authority-scene.js';
import { wholeCaller } from './callers.js';

// PostgreSQL keeps neither NUL nor half of a character; what reached it would be a 500.
const UNKEPT = ['\0', '\ud800', '\udc00'];

/** Only ask whether a text is known, which these are not. */
const ASKING = new Set(['POST /introspect', 'POST /credentials/leaked']);

/** Take none. */
const WITHOUT_TEXT = new Set(['PUT /security-log/checkpoints/mail']);

describe('Text that no database keeps is refused, and breaks nothing, wherever text is taken', () => {
  let scene: Scene;
  let putAllBack: () => Promise<void>;
  before(async () => {
    scene = await setTheScene();
    putAllBack = await snapshotOf(scene.portal.database);
  });
  after(() => scene.portal.close());
  beforeEach(() => scene.portal.clock.move(MINUTE));

  for (const route of apiRoutes.filter((one) => one.body !== null && !WITHOUT_TEXT.has(nameOf(one))))
    it(`in every text of the body of ${nameOf(route)}`, async () => {
      const good = GOOD_CALLS[nameOf(route)];
      assert.ok(good);
      const from = good.from === 'nobody' ? 'desk' : good.from;
      const program = bearer(scene.portal, scene.tokens[from].secret);
      const path = good.path?.(scene) ?? route.path;
      const body = good.body(scene);
      const bodies = typeof body === 'string' ? [`${body}%00`, `${body}%ED%A0%80`] : spoilt(route, body);
      assert.ok(bodies.length >= 2, 'There is a text in it.');
      for (const one of bodies) {
        await clearCounters(scene.portal.database);
        const type = {
          'Content-Type': typeof one === 'string' ? 'application/x-www-form-urlencoded' : 'application/json',
        };
        const { status, text } = await program.send(route.method, path, one, type);
        const why = `${JSON.stringify(one).slice(0, 300)}: ${status} ${text.slice(0, 200)}`;
        if (ASKING.has(nameOf(route))) assert.ok(status < 500, why);
        else assert.ok(status >= 400 && status < 500 && status !== 401 && status !== 403, why);
        if (status < 400) await putAllBack();
      }
    });

  it('in every parameter of the query and of the path of every call', async () => {
    for (const route of apiRoutes) {
      scene.portal.clock.move(MINUTE);
      const secret = scene.tokens[isOfOperators(route) ? 'operator' : 'desk'].secret;
      const program = bearer(scene.portal, secret);
      for (const name of Object.keys(route.query.shape))
        for (const value of ['%00', 'a%00b', '%ED%A0%80']) {
          const { status } = await program.send(route.method, `${pathOf(route)}?${name}=${value}`, undefined);
          assert.ok(status >= 400 && status < 500, `${nameOf(route)} ${name}=${value}: ${status}`);
        }
      if (!route.path.includes(':')) continue;
      for (const value of ['%00', 'a%00b']) {
        const { status } = await program.send(route.method, route.path.replace(/:\w+/g, value), undefined);
        assert.ok(status >= 400 && status < 500, `${nameOf(route)} ${value}: ${status}`);
      }
    }
  });

  it('in every parameter that pages are known to take, and in every path', async () => {
    const { portal } = scene;
    const callers = [await wholeCaller(portal, 'acme/olivia'), await wholeCaller(portal, 'platform/opal')];
    for (const caller of callers) {
      const names = new Map<string, Set<string>>();
      const isTaken = (path: string, name: string): void =>
        void names.set(path, (names.get(path) ?? new Set()).add(name));
      for (const route of routes.filter(({ method }) => method === 'get')) {
        if (route.access.who === 'permitted' && !caller.may(route.access.permission)) continue;
        const { status } = await caller.browser.get(route.path.replace(/:\w+/g, 'a%00b'));
        assert.ok(status < 500, `${titleOf(route)}: ${status}`);
        if (route.path.includes(':') || route.path === '/logout') continue;
        const page = await caller.browser.get(route.path);
        for (const form of page.document.querySelectorAll('form[method=get]'))
          for (const field of form.querySelectorAll('[name]'))
            isTaken(form.getAttribute('action') ?? route.path, field.getAttribute('name') ?? '');
        for (const link of page.links()) {
          const { origin, pathname, searchParams } = new URL(link, portal.config.baseUrl);
          if (origin === portal.config.baseUrl) for (const name of searchParams.keys()) isTaken(pathname, name);
        }
      }
      assert.ok(names.size > 5, [...names.keys()].join());
      for (const [path, taken] of names)
        for (const value of ['%00', 'a%00b', '%ED%A0%80']) {
          const query = [...taken].map((name) => `${encodeURIComponent(name)}=${value}`);
          for (const one of [query.join('&'), ...query]) {
            const { status } = await caller.browser.get(`${path}?${one}`);
            assert.ok(status < 500, `${caller.name}: ${path}?${one}: ${status}`);
          }
        }
    }
  });

  it('in who somebody says to be, to the API and in a cookie', async () => {
    const { portal } = scene;
    for (const who of ['acme/uma\0', 'ac\0me/uma']) {
      const { status } = await withBasic(portal, who, 'x').get('/me');
      assert.equal(status, 401);
    }
    for (const name of ['gatehouse', 'gatehouse-organization', 'gatehouse-username', 'gatehouse-remembered'])
      for (const value of ['%00', 's%3A%00.x', '%ED%A0%80', '%']) {
        const browser = portal.browser();
        browser.cookies.set(name, value);
        for (const path of ['/login', '/security'])
          assert.ok((await browser.get(path)).status < 500, `${name}=${value}`);
      }
  });

  /** The good body with each of its texts spoilt in turn, and with each field that it leaves out as such a text. */
  function spoilt(route: ApiRoute, good: object): object[] {
    assert.ok(route.body);
    const { properties = {} } = z.toJSONSchema(route.body, { io: 'input', unrepresentable: 'any' });
    const places = placesOfTexts(good);
    const absent = Object.keys(properties).filter((name) => !(name in good));
    return UNKEPT.flatMap((bad) => [
      ...places.map((place) => changed(good, place, (text) => text + bad)),
      ...places.map((place) => changed(good, place, (text) => text.slice(0, 1) + bad + text.slice(1))),
      ...absent.map((name) => ({ ...good, [name]: `a${bad}b` })),
    ]);
  }
});

function placesOfTexts(value: unknown, before: string[] = []): string[][] {
  if (typeof value === 'string') return [before];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => placesOfTexts(one, [...before, name]));
}

function changed(value: unknown, [name, ...rest]: readonly string[], change: (text: string) => string): object {
  const copy = structuredClone(value) as Record<string, unknown>;
  const at = name ?? '';
  copy[at] = rest.length === 0 ? change(String(copy[at])) : changed(copy[at], rest, change);
  return copy;
}

function isOfOperators({ access }: ApiRoute): boolean {
  return access.who === 'permitted' && access.permission.startsWith('tenants:');
}

function nameOf({ method, path }: ApiRoute): string {
  return `${method.toUpperCase()} ${path}`;
}

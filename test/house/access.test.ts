import assert from 'node:assert/strict';
import { routes } from '#server/features/index.js';
import type { Route } from '#server/http/route.js';
import { MINUTE } from '#server/lib/clock.js';
import type { Page } from '../support/browser.js';
import { clearCounters } from '../support/database.js';
import { startPortal, type Portal } from '../support/portal.js';
import { pathOf, titleOf } from '../support/routes.js';
import { everyCaller, keepAll, type Caller } from './callers.js';

describe('Every route is open to those its access names, and to nobody else', () => {
  let portal: Portal;
  let callers: Caller[];
  let putAllBack: () => Promise<void>;
  before(async () => {
    portal = await startPortal();
    callers = await everyCaller(portal);
    putAllBack = await keepAll(portal, callers);
  });
  after(() => portal.close());

  for (const route of routes) {
    it(titleOf(route), async () => {
      for (const caller of callers) {
        await clearCounters(portal.database);
        const path = pathOf(route);
        const answer = await ask(route, path, caller);
        check(route, path, caller, answer);
        const mayHaveDone = outcomeOf(route, caller) === 'open' && [200, 303].includes(answer.status);
        if (route.method === 'post' && mayHaveDone) await putAllBack();
      }
    });
  }

  it('A sensitive step asks for a new confirmation once the last one is too old, and does nothing before it', async () => {
    await putAllBack();
    portal.clock.move(11 * MINUTE);
    const people = callers.filter(({ state }) => state === 'whole');
    const sensitive = routes.filter(({ recent }) => recent === true);
    assert.ok(sensitive.length > 0);
    for (const route of sensitive) {
      const caller = people.find((one) => outcomeOf(route, one) === 'open');
      assert.ok(caller, `Nobody of the cast may ${titleOf(route)}.`);
      const { location } = await ask(route, pathOf(route), caller);
      assert.match(location, /^\/confirm\?/, `${titleOf(route)} by ${caller.name}`);
    }
  });

  it('What has no route is not found, whoever asks', async () => {
    for (const { browser, name } of callers) assert.equal((await browser.get('/no/such/page')).status, 404, name);
  });

  it('No path is registered twice', () => {
    const titles = routes.map(titleOf);
    assert.deepEqual(
      titles.filter((title, at) => titles.indexOf(title) !== at),
      [],
    );
  });
});

type Outcome = 'open' | 'sign in' | 'begin again' | 'already in' | 'limit' | 'forbidden';

/** What the access of a route promises this caller. */
function outcomeOf({ access }: Route, { state, may }: Caller): Outcome {
  if (access.who === 'anyone') return 'open';
  if (access.who === 'halfSignedIn' || (access.who === 'halfOrLimited' && (state === 'visitor' || state === 'half'))) {
    return state === 'half' ? 'open' : state === 'visitor' ? 'begin again' : 'already in';
  }
  if (access.who === 'halfOrVisitor') return state === 'visitor' || state === 'half' ? 'open' : 'already in';
  if (state === 'visitor' || state === 'half') return 'sign in';
  if (access.who === 'limited' || access.who === 'halfOrLimited' || access.who === 'withdrawing') return 'open';
  if (state === 'limited') return 'limit';
  return access.who === 'permitted' && !may(access.permission) ? 'forbidden' : 'open';
}

function ask({ method }: Route, path: string, { browser, csrf }: Caller): Promise<Page> {
  return method === 'get' ? browser.get(path) : browser.post(path, { _csrf: csrf });
}

function check(route: Route, path: string, caller: Caller, { status, location, text }: Page): void {
  const about = `${caller.name} got ${status} ${location || text.slice(0, 200)}`;
  switch (outcomeOf(route, caller)) {
    case 'sign in': {
      const next = route.method === 'get' && path !== '/' ? `?next=${encodeURIComponent(path)}` : '';
      assert.deepEqual([status, location], [303, `/login${next}`], about);
      break;
    }
    case 'begin again':
      assert.deepEqual([status, location], [303, '/login'], about);
      break;
    case 'already in':
      assert.deepEqual([status, location], [303, '/'], about);
      break;
    case 'limit':
      assert.deepEqual([status, location], [303, '/login/password'], about);
      break;
    case 'forbidden':
      assert.equal(status, 403, about);
      break;
    case 'open':
      assert.ok([200, 303, 404, 409, 410, 422].includes(status), about);
      assert.ok(!/^\/(login\?next=|confirm\?)/.test(location), about);
      if (location === '/login') assert.ok(LEADS_TO_SIGN_IN.test(path), about);
  }
}

// Signing out, and the pages of a sign-in that has to begin again.
const LEADS_TO_SIGN_IN = /^\/(logout$|login\/)/;

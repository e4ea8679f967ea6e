import assert from 'node:assert/strict';
import { newId } from '#models/columns.js';
import { routes } from '#server/features/index.js';
import type { Route } from '#server/http/route.js';
import type { Page } from '../support/browser.js';
import { clearCounters, contentsAgain } from '../support/database.js';
import { startPortal, type Portal } from '../support/portal.js';
import { nounOf, pathOf, titleOf } from '../support/routes.js';
import { wholeCaller, type Caller } from './callers.js';
import { idOf } from './rows.js';

const MALFORMED = [
  '0',
  'x',
  'null',
  '%27',
  '%00',
  '..%2f..',
  '00000000-0000-0000-0000-000000000000',
  newId().toUpperCase(),
  `${newId()} `,
];

describe('What belongs to somebody else looks as if it did not exist', () => {
  let portal: Portal;
  let callers: Record<'owner' | 'user' | 'operator', Caller>;
  before(async () => {
    portal = await startPortal();
    callers = {
      owner: await wholeCaller(portal, 'acme/olivia'),
      user: await wholeCaller(portal, 'acme/uma'),
      operator: await wholeCaller(portal, 'platform/opal'),
    };
  });
  after(() => portal.close());

  const withId = routes.filter((route) => route.path.includes('/:id'));

  for (const route of withId) {
    it(`${titleOf(route)} gives one and the same 404 for another's id, for none and for nonsense`, async () => {
      const noun = nounOf(route);
      assert.ok(noun, 'An id follows the noun that it is of.');
      for (const { caller, owners } of whoAsks(route)) {
        const missing = await ask(route, caller, newId());
        assert.equal(missing.status, 404, `${caller.name}: ${missing.location || missing.text}`);
        const foreign: string[] = [];
        for (const owner of owners) foreign.push(await idOf(portal, noun, owner));
        const before = await contentsAgain(portal.database);
        for (const id of [...foreign, ...MALFORMED]) {
          await clearCounters(portal.database);
          const answer = await ask(route, caller, id);
          if (id.startsWith('%') && answer.status === 400) continue;
          assert.equal(answer.status, 404, `${caller.name} with ${id}: ${answer.location || answer.text}`);
          assert.equal(comparable(answer), comparable(missing), `${caller.name} with ${id}`);
        }
        assert.deepEqual(await contentsAgain(portal.database), before, 'Nothing was changed.');
      }
    });
  }

  /** Who may use the route, and whose rows are not theirs to see. */
  function whoAsks({ access }: Route): { caller: Caller; owners: string[] }[] {
    const { owner, user, operator } = callers;
    if (access.who !== 'permitted')
      return [{ caller: user, owners: ['acme/umar', 'acme/olivia', 'globex/gina', 'platform/opal'] }];
    // To the operators, every tenant is theirs to see.
    if (access.permission.startsWith('tenants:')) return [{ caller: operator, owners: [] }];
    return [
      { caller: owner, owners: ['globex/gina', 'globex/oscar', 'platform/opal'] },
      { caller: operator, owners: ['acme/uma', 'globex/gina'] },
    ];
  }

  function ask(route: Route, { browser, csrf }: Caller, id: string): Promise<Page> {
    const path = pathOf(route, { id });
    return route.method === 'get' ? browser.get(path) : browser.post(path, { _csrf: csrf });
  }
});

// Each page has a token and a reference of its own.
function comparable(page: Page): string {
  return page.html.replace(/name="(_csrf|_form)" value="[^"]*"/g, '').replace(/<code>[\w-]{12}<\/code>/g, '');
}

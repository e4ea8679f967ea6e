import assert from 'node:assert/strict';
import { routes } from '#server/features/index.js';
import type { Route } from '#server/http/route.js';
import type { Browser, Fields, Headers } from '../support/browser.js';
import { clearCounters, contentsAgain } from '../support/database.js';
import { startPortal, type Portal } from '../support/portal.js';
import { pathOf, titleOf } from '../support/routes.js';
import { wholeCaller, type Caller } from './callers.js';
import { ownValues } from './rows.js';

describe('No other site can send a form in a person’s name', () => {
  let portal: Portal;
  let people: Caller[];
  let foreignToken: string;
  let visitorToken: string;
  const early = new Map<Browser, string>();
  before(async () => {
    portal = await startPortal();
    people = [];
    for (const who of ['acme/uma', 'acme/olivia', 'platform/opal']) {
      const caller = await wholeCaller(portal, who);
      people.push(caller);
      early.set(caller.browser, await tokenBeforeSigningIn(portal, caller.browser));
    }
    const other = await wholeCaller(portal, 'acme/olivia');
    foreignToken = other.csrf;
    visitorToken = await portal.browser().csrf();
  });
  after(() => portal.close());

  const posts = routes.filter(({ method }) => method === 'post');

  for (const route of posts) {
    it(`${titleOf(route)} is refused without the token, with somebody else's, and from elsewhere, and nothing is done`, async () => {
      const caller = people.find((one) => maySend(route, one));
      assert.ok(caller, 'Somebody of the cast may send it.');
      const path = pathOf(route, await ownValues(portal, route, caller.name));
      const before = await contentsAgain(portal.database);
      for (const [trick, fields, headers] of tricks(caller)) {
        await clearCounters(portal.database);
        const { status, location } = await caller.browser.post(path, fields, headers);
        assert.equal(status, 403, `${trick}: ${status} ${location}`);
      }
      assert.deepEqual(await contentsAgain(portal.database), before, 'Nothing was changed.');
    });
  }

  function tricks({ csrf, browser }: Caller): [string, Fields, Headers][] {
    const good = { _csrf: csrf };
    const changed = csrf.startsWith('A') ? `B${csrf.slice(1)}` : `A${csrf.slice(1)}`;
    return [
      ['without a token', {}, {}],
      ['with an empty token', { _csrf: '' }, {}],
      ['with a token twice', { _csrf: [csrf, csrf] }, {}],
      ['with a changed token', { _csrf: changed }, {}],
      ['with the token of another session', { _csrf: foreignToken }, {}],
      ['with the token of a visitor', { _csrf: visitorToken }, {}],
      ['with the token that this browser had before the sign-in', { _csrf: early.get(browser) ?? '' }, {}],
      ['from another site', good, { 'Sec-Fetch-Site': 'cross-site' }],
      ['from another host of our site', good, { 'Sec-Fetch-Site': 'same-site' }],
      ['from nowhere that the browser names', good, { 'Sec-Fetch-Site': '' }],
      ['from another origin, by an old browser', good, { 'Sec-Fetch-Site': GONE, Origin: 'https://evil.example' }],
      [
        'from our name at another port, by an old browser',
        good,
        { 'Sec-Fetch-Site': GONE, Origin: 'http://localhost:1' },
      ],
      ['from a page without an origin, by an old browser', good, { 'Sec-Fetch-Site': GONE, Origin: 'null' }],
      ['with neither header', good, { 'Sec-Fetch-Site': GONE, Origin: GONE }],
    ];
  }

  it('An old browser that names our origin alone is served, and so is one that names no page', async () => {
    const { browser, csrf } = await wholeCaller(portal, 'acme/umar');
    assert.equal((await browser.post('/confirm', { _csrf: csrf }, { 'Sec-Fetch-Site': GONE })).status, 422);
    assert.equal(
      (await browser.post('/confirm', { _csrf: csrf }, { 'Sec-Fetch-Site': 'none', Origin: GONE })).status,
      422,
    );
  });

  it('A form whose page has no GET is no page', async () => {
    const pages = new Set(routes.filter(({ method }) => method === 'get').map(({ path }) => path));
    const formsOnly = posts.filter(({ path }) => !pages.has(path));
    assert.ok(formsOnly.length > 0);
    for (const route of formsOnly) {
      const caller = people.find((one) => maySend(route, one));
      assert.ok(caller);
      assert.equal((await caller.browser.get(pathOf(route))).status, 404, titleOf(route));
    }
  });

  it('A form sent after the sign-in has run out leads to the sign-in page, and does nothing', async () => {
    const { browser, csrf } = await wholeCaller(portal, 'acme/umar');
    await portal.database.sequelize.query('UPDATE sessions SET ended_at = $1 WHERE user_id = $2', {
      bind: [portal.clock.now(), portal.idOf('acme/umar')],
    });
    const before = await contentsAgain(portal.database);
    const answer = await browser.post('/logout', { _csrf: csrf });
    assert.equal(answer.location, '/login');
    assert.match((await browser.follow(answer)).flash, /signed out/);
    assert.equal((await browser.post('/logout', { _csrf: csrf }, { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
    assert.deepEqual(await contentsAgain(portal.database), before);
  });
});

function maySend({ access }: Route, { may }: Caller): boolean {
  return access.who !== 'permitted' || may(access.permission);
}

/** A header that is not sent. */
const GONE = null;

async function tokenBeforeSigningIn(portal: Portal, { cookies }: Browser): Promise<string> {
  const before = portal.browser();
  before.cookies.set('gatehouse-visitor', cookies.get('gatehouse-visitor') ?? '');
  return before.csrf();
}

import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { lookAtThrottle, punishThrottle } from '#models/throttle.js';
import type { Browser, Page } from '../support/browser.js';
import { logged } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, programOf, roleWith } from '../support/programs.js';
import { newestDetails, userCalled } from '../support/users.js';

const MINUTE = 60_000;
const LIMIT = { failures: 1, windowMs: 48 * 60 * MINUTE, blockMs: 15 * MINUTE, longestBlockMs: 24 * 60 * MINUTE };

describe('The lock after wrong codes', () => {
  let portal: Portal;
  let adam: Browser;
  let page: string;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
    page = `/admin/users/${portal.idOf('acme/uma')}`;
  });
  afterEach(() => portal.close());

  const key = (who = 'acme/uma'): string => `codes/${portal.idOf(who)}`;
  const lock = async (who?: string): Promise<number> => {
    const now = portal.clock.now();
    while (!(await isLocked(who))) await punishThrottle(portal.database, key(who), LIMIT, now);
    return (await lookAtThrottle(portal.database, key(who), now)).blockedUntil - now;
  };
  const isLocked = async (who?: string): Promise<boolean> =>
    (await lookAtThrottle(portal.database, key(who), portal.clock.now())).blockedUntil > 0;
  const unlock = async (browser: Browser, reason: string): Promise<Page> =>
    browser.post(`${page}/unlock`, { _csrf: await browser.csrf('/security'), reason });

  it('opens with a reason, which stands in the log, and its owner is mailed', async () => {
    await lock();
    assert.equal((await unlock(adam, '')).status, 422);
    assert.equal(await isLocked(), true);
    assert.equal((await unlock(adam, 'She called')).status, 303);
    assert.equal(await isLocked(), false);
    assert.equal((await newestDetails(portal, 'acme', 'two-factor.unlocked'))['reason'], 'She called');
    assert.match((await portal.inbox.newestTo('uma@acme.example')).subject, /lock of codes/i);
  });

  it('is longer the next time, though it was opened', async () => {
    const first = await lock();
    await unlock(adam, 'She called');
    assert.equal(await lock(), 2 * first);
  });

  it('opens three times a day, and a fourth is neither done nor mailed', async () => {
    for (let times = 0; times < 3; times += 1) {
      await lock();
      assert.equal((await unlock(adam, 'She called')).status, 303);
    }
    await lock();
    assert.equal((await unlock(adam, 'She called')).status, 409);
    assert.equal(await isLocked(), true);
    assert.equal((await logged(portal, 'acme', 'two-factor.unlocked')).length, 3);
  });

  it('does not open for who may not reset the second factor, by page or by program', async () => {
    const desk = await roleWith(portal, 'acme', ['users:read', 'users:write', 'tokens:create'], { name: 'Desk' });
    const umar = await userCalled(portal, 'acme/umar');
    const user = await Role.factory(umar.tenantId, 'user');
    await giveRoles(umar, [user, desk]);
    await lock();
    assert.equal((await unlock(await portal.signedIn('acme/umar'), 'She called')).status, 403);
    const program = await programOf(portal, 'acme/umar', { role: 'Desk' });
    const call = await program.send('delete', `/users/${portal.idOf('acme/uma')}/lock`, { reason: 'She called' });
    assert.equal(call.status, 403);
    assert.equal(await isLocked(), true);
  });

  it('is never opened by its own owner', async () => {
    await lock('acme/adam');
    page = `/admin/users/${portal.idOf('acme/adam')}`;
    assert.equal((await unlock(adam, 'It is me')).status, 403);
    assert.equal(await isLocked('acme/adam'), true);
  });
});

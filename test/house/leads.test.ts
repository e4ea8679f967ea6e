import assert from 'node:assert/strict';
import { TENANT_PERMISSIONS, type Permission } from '#policies/permissions.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, roleWith, tokenFor } from '../support/programs.js';
import { addSomebody } from '../support/users.js';

const OF_A_KIND = 3;

describe('Where a page leads', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
    for (const who of ['acme/uma', 'acme/robo']) await tokenFor(portal, who);
  });
  after(() => portal.close());

  /** What is linked from the pages of whoever may do only this, and is refused them. */
  const refusedTo = async (permissions: readonly Permission[], at: number): Promise<string[]> => {
    const user = await addSomebody(portal, `acme/reader${at}`, 'user');
    await giveRoles(user, [await roleWith(portal, 'acme', permissions)]);
    const browser = await portal.signedIn(`acme/reader${at}`);
    const seen = new Map<string, number>();
    const refused: string[] = [];
    // The menu first; their own account is everybody's, whatever they may do.
    const waiting = (await browser.open('/security')).links().map((path) => ({ path, from: 'the menu' }));
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { path, from } = next;
      if (!/^\/(admin|platform)\b/.test(path)) continue;
      const kind = path.replace(/\?.*$/, '').replace(/[\w-]{36}|(?<=notifications\/)[\w-]+/g, ':id');
      const times = seen.get(kind) ?? 0;
      if (times >= OF_A_KIND || seen.has(path)) continue;
      seen.set(kind, times + 1).set(path, OF_A_KIND);
      const page = await browser.get(path);
      if (page.status >= 400) refused.push(`${path} (${page.status}), from ${from}`);
      else if (page.status === 200) waiting.push(...page.links().map((to) => ({ path: to, from: path })));
    }
    assert.ok(seen.size > 0 || permissions.every((one) => !one.endsWith(':read')), 'There is a menu.');
    return refused;
  };

  it('its reader may go, whatever little they may do', async () => {
    const alone = TENANT_PERMISSIONS.map((one) => [one]);
    const reading = TENANT_PERMISSIONS.filter((one) => one.endsWith(':read'));
    const withUsers = reading.map((one): Permission[] => ['users:read', one]);
    const trials: (readonly Permission[])[] = [...alone, ...withUsers, reading];
    const refused: Record<string, string[]> = {};
    for (const [at, permissions] of trials.entries()) {
      const found = await refusedTo(permissions, at);
      if (found.length > 0) refused[permissions.join(' ')] = found;
    }
    assert.deepEqual(refused, {});
  });
});

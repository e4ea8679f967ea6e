import assert from 'node:assert/strict';
import { accessKinds } from '#server/identity/access.js';
import type { Occasion } from '#server/identity/access-kind.js';
import { NO_ACCESS } from '#server/identity/no-access.js';
import { startPortal, type Portal } from '../support/portal.js';
import { tablesOfUsers } from '../support/tables-of-users.js';

describe('What lets somebody in stands in one list', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal({ demo: false });
  });
  after(() => portal.close());

  it('every table that refers to a user is in it, or says why it lets nobody in', async () => {
    const listed = new Set([
      ...accessKinds().map(({ model }) => String(model.getTableName())),
      ...Object.keys(NO_ACCESS),
    ]);
    const referring = await tablesOfUsers(portal.database);
    assert.ok(referring.includes('sessions') && referring.includes('ssh_keys'));
    assert.deepEqual(
      referring.filter((table) => !listed.has(table)),
      [],
      'Add a row to server/identity/access.ts, or to no-access.ts the reason why it lets nobody in.',
    );
    assert.deepEqual(
      Object.keys(NO_ACCESS).filter((table) => !referring.includes(table)),
      [],
    );
  });

  it('each kind has a name of its own, and ends somehow', () => {
    assert.equal(new Set(accessKinds().map(({ name }) => name)).size, accessKinds().length);
    for (const { name, end, suspend, nameOf, on } of accessKinds()) {
      const suspends = Object.values(on).includes('suspend what is newer');
      assert.equal(suspend !== undefined, suspends, name);
      if (suspends) assert.ok(nameOf, `${name}: the mail says which of them wait for their owner`);
      assert.ok(end === null || Object.keys(end(1, 'disavowal')).length > 0);
    }
  });

  it('whoever says “This wasn’t me” is asked about every kind but the proven second factor', () => {
    assert.deepEqual(
      accessKinds()
        .filter(({ on }) => on.disavowal === undefined)
        .map(({ name }) => name),
      ['totp-secrets'],
    );
  });

  it('at every other turn as much ends as the turn is about', () => {
    const reached = (occasion: Occasion): string[] =>
      accessKinds()
        .filter(({ on }) => on[occasion])
        .map(({ name }) => name);
    const without = (...names: string[]): string[] =>
      accessKinds()
        .map(({ name }) => name)
        .filter((name) => !names.includes(name));
    // What is proven anew at each use, or was given out to stay, outlives a change that its owner makes.
    const standing = ['disavowal-links', 'undo-links', 'known-browsers', 'totp-secrets', 'passkeys', 'recovery-codes'];
    const credentials = ['api-tokens', 'api-keys', 'api-passwords', 'ssh-keys'];
    assert.deepEqual(reached('reset by mail'), without(...standing));
    for (const occasion of ['password change', 'factor change', 'sessions end', 'disabling', 'leaving'] as const)
      assert.deepEqual(reached(occasion), without(...standing, ...credentials), occasion);
    // The status of the organisation shuts everything; what would go on by itself ends.
    assert.deepEqual(reached('suspension'), ['sessions', 'challenges']);
  });
});

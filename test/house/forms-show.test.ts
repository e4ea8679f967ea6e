import assert from 'node:assert/strict';
import { routes } from '#server/features/index.js';
import { MINUTE } from '#server/lib/clock.js';
import { TENANT_PERMISSIONS, type Permission } from '#policies/permissions.js';
import type { Fields } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, programOf, roleWith, tokenFor } from '../support/programs.js';
import { addSomebody, userCalled } from '../support/users.js';

// What a form of the administration may be sent with: nothing, nonsense, everybody, a file, a stricter policy.
const SENT: readonly Fields[] = [
  {},
  { name: '', username: '', email: 'x' },
  { all: '1', action: 'end-sessions' },
  { csv: 'username,name\numar,Another\n' },
  { tokenMaxMonths: '1' },
];
// Umar is asked about by none of them: the forms of one account are about Uma.
const NOT_THEIRS = /Umar Usman|[a-z]+@acme\.example/;

describe('A form that answers with a page', () => {
  let portal: Portal;
  let ids: Record<string, string>;
  before(async () => {
    portal = await startPortal();
    const uma = await userCalled(portal, 'acme/uma');
    const own = await roleWith(portal, 'acme', []);
    await tokenFor(portal, 'acme/umar', { months: 12 });
    const job = await (
      await programOf(portal, 'acme/olivia')
    ).post('/users/bulk', {
      action: 'end-sessions',
      ids: [portal.idOf('acme/umar')],
    });
    // Nobody is out of their reach who may do nothing.
    await giveRoles(uma, [own]);
    ids = { users: uma.id, roles: own.id, bulk: String(job.body['id']) };
  });
  after(() => portal.close());

  // What only shows comes before what does it.
  const ways = routes
    .filter(({ method, path }) => method === 'post' && path.startsWith('/admin/'))
    .sort((one, other) => other.path.length - one.path.length);
  const filled = (path: string): string =>
    path.replace(/(\w+)\/:\w+/g, (_, noun: string) => `${noun}/${ids[noun] ?? ids['users'] ?? ''}`);

  /** Which forms tell whoever may do only this of people whom they may not see. */
  const tellingTo = async (permission: Permission, at: number): Promise<string[]> => {
    const role = await roleWith(portal, 'acme', [permission]);
    const user = await addSomebody(portal, `acme/sender${at}`, 'user');
    await giveRoles(user, [role]);
    const browser = await portal.signedIn(`acme/sender${at}`);
    const own = { _csrf: await browser.csrf('/security') };
    const telling: string[] = [];
    for (const { path } of ways)
      for (const fields of SENT) {
        const page = await browser.post(filled(path), { ...own, ...fields });
        const told = page.document.querySelector('main')?.text.replaceAll(user.email, '') ?? '';
        if (NOT_THEIRS.test(told)) telling.push(`${path} ${JSON.stringify(fields)}`);
      }
    portal.clock.move(MINUTE);
    return telling;
  };

  it('shows nobody people whom they may not see, whatever is wrong with it or comes of it', async () => {
    assert.ok(ways.length > 40, 'The forms are found.');
    const telling: Record<string, string[]> = {};
    for (const [at, permission] of TENANT_PERMISSIONS.entries()) {
      if (permission.endsWith(':read')) continue;
      const found = await tellingTo(permission, at);
      if (found.length > 0) telling[permission] = found;
    }
    assert.deepEqual(telling, {});
  });
});

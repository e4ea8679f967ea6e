import assert from 'node:assert/strict';
import { apiRoutes } from '#server/features/api.js';
import { routes } from '#server/features/index.js';
import { MINUTE } from '#server/lib/clock.js';
import { clearCounters, contentsAgain } from '../support/database.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import { pathOf } from '../support/routes.js';
import { wholeCaller } from './callers.js';
import { ownValues } from './rows.js';

const PEOPLE = ['acme/uma', 'acme/olivia', 'platform/opal'];

// Programs ask for a head to see whether something is there, and how large it is (RFC 9110, 9.3.2): nothing was taken.
describe('To ask for the head of a page or a call changes nothing, and leaves no row in the log', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  beforeEach(() => clearCounters(portal.database));
  after(() => portal.close());

  async function contents(): Promise<object> {
    const log = await portal.database.read(
      `SELECT event, actor_id, target_id FROM security_events WHERE event <> 'access.refused' ORDER BY id`,
      [],
    );
    return { ...(await contentsAgain(portal.database)), log };
  }

  it('says of a file what it is and how it is called', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    const { headers } = await programOf(portal, 'acme/olivia');
    for (const path of [
      '/admin/security-log/export.csv',
      '/admin/users/export.csv',
      '/admin/credentials/export.csv',
      '/api/v1/credentials/export.csv',
      '/api/v1/security-log/export.csv',
    ]) {
      const answer = await olivia.head(path, headers);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.headers['content-type'], 'text/csv; charset=utf-8');
      assert.match(answer.headers['content-disposition'] ?? '', /^attachment; filename=/);
    }
  });

  it('leaves a message that waits for its reader where it is', async () => {
    const uma = await portal.signedIn('acme/uma');
    await uma.submit('/profile', '/profile', { name: 'Uma the First' });
    await uma.head('/profile');
    assert.match((await uma.open('/profile')).flash, /saved|changed/i);
  });

  it('whoever asks, also who has to confirm first who they are', async () => {
    const seen = new Set<string>();
    for (const who of PEOPLE) {
      const { browser, name } = await wholeCaller(portal, who);
      for (const minutes of [0, 20]) {
        portal.clock.move(minutes * MINUTE);
        for (const route of routes.filter(({ method }) => method === 'get')) {
          const path = pathOf(route, await ownValues(portal, route, name));
          await clearCounters(portal.database);
          const before = await contents();
          const page = await browser.head(path);
          assert.ok(page.status < 500 && page.html === '', `${who}: ${page.status} ${path}`);
          assert.deepEqual(await contents(), before, `HEAD ${path} by ${who} has changed something.`);
          seen.add(`${page.status} ${page.location.split('?')[0]}`.trim());
        }
      }
    }
    assert.ok(['200', '303 /confirm', '403', '404'].every((status) => seen.has(status)));
  });

  it('nor by a program', async () => {
    for (const who of PEOPLE) {
      const program = await programOf(portal, who);
      const { headers } = program;
      const browser = portal.browser();
      // That the credential was used is noted once in a while.
      await program.get('/me');
      for (const { path } of apiRoutes.filter(({ method }) => method === 'get')) {
        const before = await contents();
        const answer = await browser.head(`/api/v1${pathOf({ path })}`, headers);
        assert.ok(answer.status < 500 && answer.html === '', `${who}: ${answer.status} ${path}`);
        assert.deepEqual(await contents(), before, `HEAD ${path} by ${who} has changed something.`);
      }
    }
  });
});

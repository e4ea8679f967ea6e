import assert from 'node:assert/strict';
import { userFilters } from '#server/features/users/input.js';
import { workOnPeople } from '#server/jobs/people.js';
import { HOUR } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { logged } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import { addSomebody, newestDetails, roleId, userCalled } from '../support/users.js';

const BULK = '/admin/users/bulk';

describe('What is done to many users', () => {
  let portal: Portal;
  let adam: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  afterEach(() => portal.close());

  it('is done to all that a filter finds, but to nobody who comes to fit later', async () => {
    const sent = { _csrf: await adam.csrf('/admin/users'), action: 'end-sessions', all: '1', q: 'uma' };
    const shown = await adam.post(BULK, sent);
    assert.match(shown.heading, /2 people/);
    await addSomebody(portal, 'acme/umail', 'user');
    await adam.post(BULK, shown.form(BULK));
    await workOnPeople(portal.services);
    assert.equal((await logged(portal, 'acme', 'sessions.ended')).length, 2);
  });

  it('can be done to all that any filter of the list finds, as the list sends it', async () => {
    const user = await roleId(portal, 'acme', 'user');
    const values: Record<string, string> = {
      ...{ q: 'uma', kind: 'person', status: 'active', roleId: user, twoFactor: 'disabled', passkey: 'no' },
      ...{ locked: 'yes', stale: 'yes' },
    };
    await (await userCalled(portal, 'acme/uma')).update({ lockedUntil: portal.clock.now() + HOUR, createdAt: 0 });
    for (const filter of Object.keys(userFilters).filter((name) => name !== 'sort')) {
      const list = await adam.open(`/admin/users?${filter}=${values[filter] ?? ''}`);
      const shown = await adam.post(BULK, { ...list.form(BULK), all: '1', action: 'end-sessions' });
      assert.equal(shown.status, 200, `${filter}: ${shown.alert}`);
      assert.match(shown.text, /Uma Ndiaye/, filter);
    }
  });

  it('keeps the reason that a program gave with the preview', async () => {
    const program = await programOf(portal, 'acme/olivia');
    const asked = { action: 'disable', ids: [portal.idOf('acme/uma')], reason: 'The summer is over' };
    const { body } = await program.post('/users/bulk', asked);
    assert.equal((await program.post('/users/bulk', { confirmed: body['id'] })).body['reason'], 'The summer is over');
    assert.equal((await newestDetails(portal, 'acme', 'user-job.begun'))['reason'], 'The summer is over');
  });
});

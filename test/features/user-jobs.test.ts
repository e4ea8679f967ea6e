import assert from 'node:assert/strict';
import { Session } from '#models/session.js';
import { UserJobRow } from '#models/user-job-row.js';
import { UserJob } from '#models/user-job.js';
import { User } from '#models/user.js';
import { workOnPeople } from '#server/jobs/people.js';
import { HOUR } from '#server/lib/clock.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { addSomebody, newestDetails, pageOf, roleId, userCalled } from '../support/users.js';

const BULK = '/admin/users/bulk';

describe('Many users at once', () => {
  let portal: Portal;
  let adam: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  afterEach(() => portal.close());

  const ids = (...names: string[]): string[] => names.map((name) => portal.idOf(`acme/${name}`));
  const preview = async (fields: Fields, by = adam): Promise<Page> =>
    by.post(BULK, { _csrf: await by.csrf('/admin/users'), ...fields });
  const begin = async (fields: Fields, by = adam): Promise<string> => {
    const shown = await preview(fields, by);
    assert.equal(shown.status, 200, shown.alert);
    const { location } = await by.post(BULK, shown.form(BULK));
    assert.match(location, /^\/admin\/users\/bulk\/[0-9a-f-]{36}$/);
    return location;
  };
  const work = (): Promise<void> => workOnPeople(portal.services);
  const states = async (path: string) => {
    const rows = await UserJobRow.findAll({ where: { jobId: path.split('/').at(-1) ?? '' } });
    return Object.fromEntries(rows.map(({ userId, state }) => [nameOf(userId), state]));
  };
  const nameOf = (id: string | null): string => portal.cast.find((one) => one.id === id)?.username ?? String(id);

  it('says first to whom it would be done, and who is left out and why, and does nothing yet', async () => {
    const page = await preview({ action: 'disable', ids: ids('uma', 'umar', 'adam', 'olivia') });
    assert.equal(page.status, 200);
    assert.match(page.heading, /Disable: 2 people/);
    assert.match(page.text, /This is your own account/);
    assert.match(page.text, /may do more than yours/);
    await work();
    assert.equal((await userCalled(portal, 'acme/uma')).status, 'active');
    assert.equal((await logged(portal, 'acme', 'user-job.begun')).length, 0);
  });

  it('does to each what their own page does: the rule, the row of the log, the end of their sessions', async () => {
    const uma = await portal.signedIn('acme/uma');
    const path = await begin({ action: 'disable', ids: ids('uma', 'umar', 'olivia'), reason: 'The summer is over' });
    await work();
    assert.deepEqual(await states(path), { uma: 'done', umar: 'done', olivia: 'left-out' });
    assert.match((await uma.get('/security')).location, /^\/login/);
    const rows = await logged(portal, 'acme', 'user.disabled');
    assert.deepEqual(
      rows.map((row) => [row['actor_id'], row['door']]),
      rows.map(() => [portal.idOf('acme/adam'), 'web']),
    );
    assert.equal(rows.length, 2);
    assert.equal((await newestDetails(portal, 'acme', 'user-job.begun'))['reason'], 'The summer is over');
    const done = await newestDetails(portal, 'acme', 'user-job.done');
    assert.deepEqual([done['done'], done['refused'], done['waiting']], [2, 0, 0]);
    const report = await adam.open(path);
    assert.match(report.heading, /Disable: done/);
    assert.match((await adam.open(BULK)).text, /Disable/);
    const csv = (await adam.get(`${path}/report.csv`)).html.split('\r\n');
    assert.equal(csv.length, 5);
    assert.match(csv[0] ?? '', /^\ufeffrow,username,/);
    assert.ok(csv.some((line) => line.includes('uma,Uma Ndiaye,uma@acme.example') && line.includes(',done,')));
  });

  it('offers each thing that can be done, and does it', async () => {
    const auditor = await roleId(portal, 'acme', 'auditor');
    await addSomebody(portal, 'acme/otto', 'user');
    const umar = ids('umar');
    const trials: [Fields, (user: User) => unknown][] = [
      [{ action: 'disable' }, ({ status }) => status === 'disabled'],
      [{ action: 'enable' }, ({ status }) => status === 'active'],
      [{ action: 'end-sessions' }, ({ epoch }) => epoch > 1],
      [{ action: 'demand-two-factor' }, ({ mustSetUpTwoFactor }) => mustSetUpTwoFactor],
      [{ action: 'mark-outdated' }, ({ mustChangePassword }) => mustChangePassword],
      [{ action: 'give-role', roleId: auditor }, ({ roles }) => roles?.length === 2],
      [{ action: 'take-role', roleId: auditor }, ({ roles }) => roles?.length === 1],
    ];
    for (const [fields, holds] of trials) {
      const path = await begin({ ...fields, ids: umar });
      await work();
      assert.deepEqual(await states(path), { umar: 'done' }, String(fields['action']));
      assert.ok(holds(await userCalled(portal, 'acme/umar')), String(fields['action']));
      const again = await preview({ ...fields, ids: umar });
      if (fields['action'] !== 'end-sessions') assert.match(again.text, /1\s*Nothing to do|Nothing to do/);
    }
    await adam.submit('/admin/users/new', '/admin/users', {
      ...{ name: 'Ida', username: 'ida', email: 'ida@acme.example', onboarding: 'invite' },
    });
    const { id } = await userCalled(portal, 'acme/ida');
    await begin({ action: 'invite', ids: id });
    await work();
    assert.equal((await logged(portal, 'acme', 'invitation.sent')).length, 2);
    await begin({ action: 'delete', ids: id });
    await work();
    assert.equal(await User.count({ where: { id } }), 0);
    assert.equal((await logged(portal, 'acme', 'user.deleted')).length, 1);
  });

  it('begins with boxes in the list, which goes back as it was sent when nothing was chosen to do', async () => {
    const list = await adam.open('/admin/users?status=active');
    const boxes = list.document.querySelectorAll('tbody input[name="ids"]').map((box) => box.getAttribute('value'));
    assert.ok(boxes.includes(portal.idOf('acme/uma')));
    const chosen = { ...list.form(BULK), ids: ids('uma', 'umar') };
    const again = await adam.post(BULK, chosen);
    assert.equal(again.status, 422);
    assert.match(again.alert, /Choose what to do/);
    const ticked = again.document.querySelectorAll('tbody input[name="ids"][checked]');
    assert.deepEqual(ticked.map((box) => box.getAttribute('value')).sort(), ids('uma', 'umar').sort());
    assert.equal(again.document.querySelector('#field-status option[selected]')?.getAttribute('value'), 'active');
    const shown = await adam.post(BULK, { ...again.form(BULK), ids: ids('uma', 'umar'), action: 'disable' });
    assert.match(shown.heading, /Disable: 2 people/);
    const { location } = await adam.post(BULK, { ...shown.form(BULK), reason: 'The summer is over' });
    await work();
    assert.deepEqual(await states(location), { uma: 'done', umar: 'done' });
    assert.equal((await newestDetails(portal, 'acme', 'user-job.begun'))['reason'], 'The summer is over');
    const audrey = await portal.signedIn('acme/audrey');
    assert.equal(
      (await audrey.open('/admin/users')).document.querySelectorAll('[name="ids"], [name="action"]').length,
      0,
    );
  });

  it('offers nobody what they may not do', async () => {
    const owner = await roleId(portal, 'acme', 'owner');
    const list = await adam.open('/admin/users');
    const optionsOf = (name: string): string[] =>
      list.document
        .querySelectorAll(`.bulk-bar select[name=${name}] option`)
        .map((one) => one.getAttribute('value') ?? '');
    assert.ok(optionsOf('roleId').includes(await roleId(portal, 'acme', 'user')));
    assert.equal(optionsOf('roleId').includes(owner), false, 'A role that may do more.');
    assert.ok(optionsOf('action').includes('delete'));
    const shown = await preview({ action: 'delete', ids: ids('uma') });
    assert.match(shown.text, /This cannot be undone.*sessions and credentials go/);
    const audrey = await portal.signedIn('acme/audrey');
    const seen = await audrey.open(`${BULK}/${String(shown.form(BULK)['confirmed'])}`);
    assert.deepEqual(
      seen.forms().filter((to) => to.startsWith('/admin')),
      [],
    );
    await work();
    assert.equal((await userCalled(portal, 'acme/uma')).status, 'active', 'It has only been asked.');
  });

  it('keeps one of the last owners, whatever else is chosen', async () => {
    const operators = { action: 'disable', all: '1', heldRoleId: await roleId(portal, 'acme', 'owner') };
    const olivia = await portal.signedIn('acme/olivia');
    assert.match((await preview(operators, olivia)).heading, /Disable: 0 people/);
  });

  it('begins once, however often it is confirmed, and never for somebody else', async () => {
    const shown = await preview({ action: 'disable', ids: ids('uma') });
    const form = shown.form(BULK);
    const olivia = await portal.signedIn('acme/olivia');
    const { confirmed = '' } = form;
    const stranger = await olivia.post(BULK, { _csrf: await olivia.csrf('/admin/users'), confirmed });
    assert.equal(stranger.status, 404);
    const answers = await Promise.all([form, { ...form, _form: '' }, form].map((one) => adam.post(BULK, one)));
    assert.deepEqual(
      answers.map(({ location }) => location),
      answers.map(() => `${BULK}/${String(confirmed)}`),
    );
    assert.equal((await logged(portal, 'acme', 'user-job.begun')).length, 1);
  });

  it('is cancelled between two people, and says who was not reached', async () => {
    const path = await begin({ action: 'disable', ids: ids('uma', 'umar') });
    assert.equal((await adam.submit(path, `${path}/cancellation`)).status, 303);
    await work();
    assert.deepEqual(await states(path), { uma: 'waiting', umar: 'waiting' });
    const ended = await adam.open(path);
    assert.match(ended.text, /2 not done/);
    assert.doesNotMatch(ended.text, /Waiting/, 'nobody waits any more');
    assert.match((await adam.get(`${path}/report.csv`)).html, /^1,uma,.*,not-done,\r$/m);
    assert.equal((await adam.post(`${path}/cancellation`, { _csrf: await adam.csrf('/profile') })).status, 409);
    const shown = await preview({ action: 'disable', ids: ids('uma') });
    const thrown = `${BULK}/${String(shown.form(BULK)['confirmed'])}`;
    await adam.post(`${thrown}/cancellation`, shown.form(`${thrown}/cancellation`));
    assert.match((await adam.open(thrown)).text, /thrown away before it began/);
  });

  it('is not seen by another organisation', async () => {
    const path = await begin({ action: 'disable', ids: ids('uma') });
    const gary = await portal.signedIn('globex/gary');
    for (const one of [path, `${path}/report.csv`]) assert.equal((await gary.get(one)).status, 404, one);
    const cancelled = await gary.post(`${path}/cancellation`, { _csrf: await gary.csrf('/profile') });
    assert.equal(cancelled.status, 404);
    const foreign = await preview({ action: 'disable', ids: [portal.idOf('globex/gina'), ...ids('uma')] });
    assert.match(foreign.text, /no such account any more/);
    assert.doesNotMatch(foreign.text, /Gina/);
  });

  it('refuses what cannot be meant, in words', async () => {
    const wrong: Fields[] = [
      {},
      { action: 'explode', ids: ids('uma') },
      { action: 'disable' },
      { action: 'disable', all: '1', status: 'everybody' },
      { action: 'disable', all: '1', q: 'nobody-of-that-name' },
      { action: 'give-role', ids: ids('uma') },
      { action: 'disable', ids: 'not-an-id' },
      { action: ['disable', 'delete'], ids: ids('uma') },
      { action: 'disable', ids: ids('uma'), reason: 'x'.repeat(301) },
      { action: 'disable', ids: ids('uma'), reason: '\u0000' },
    ];
    for (const fields of wrong) {
      const { status, alert } = await preview(fields);
      assert.deepEqual([status, alert === ''], [422, false], JSON.stringify(fields));
    }
    const owner = await roleId(portal, 'acme', 'owner');
    assert.equal((await preview({ action: 'give-role', roleId: owner, ids: ids('uma') })).status, 403);
  });

  describe('goes on when its beginner has gone, and ends with their authority', () => {
    const ends: Record<string, (id: string) => Promise<unknown>> = {
      'the account is disabled': (id) => User.update({ status: 'disabled' }, { where: { id } }),
      'the account is gone': (id) => User.destroy({ where: { id } }),
      'its sessions were ended': (id) => User.increment('epoch', { where: { id } }),
      'the very session was ended by somebody else': (id) => Session.update({ endedAt: 1 }, { where: { userId: id } }),
      'it must change its password': (id) => User.update({ mustChangePassword: true }, { where: { id } }),
    };
    for (const [name, end] of Object.entries(ends))
      it(`stops, and says so, where ${name}`, async () => {
        const path = await begin({ action: 'disable', ids: ids('uma', 'umar') });
        await end(portal.idOf('acme/adam'));
        await work();
        assert.deepEqual(await states(path), { uma: 'waiting', umar: 'waiting' });
        const olivia = await portal.signedIn('acme/olivia');
        const page = await olivia.open(path);
        assert.match(page.text, /stopped before its end/);
        assert.match(page.text, /2 people were not reached/);
        assert.equal((await logged(portal, 'acme', 'user-job.stopped')).length, 1);
      });

    it('stops where the role that allowed it is taken away, and where the organisation is suspended', async () => {
      const first = await begin({ action: 'disable', ids: ids('uma') });
      const owner = await userCalled(portal, 'acme/adam');
      const { database } = portal;
      await database.sequelize.query(`DELETE FROM user_roles WHERE user_id = '${owner.id}'`);
      await work();
      assert.equal((await UserJob.findByPk(first.split('/').at(-1)))?.state, 'stopped');
      const olivia = await portal.signedIn('acme/olivia');
      const second = await begin({ action: 'disable', ids: ids('uma') }, olivia);
      await database.sequelize.query(`UPDATE tenants SET status = 'suspended' WHERE slug = 'acme'`);
      await work();
      assert.equal((await UserJob.findByPk(second.split('/').at(-1)))?.state, 'stopped');
      assert.equal((await userCalled(portal, 'acme/uma')).status, 'active');
    });

    it('goes on after they have signed out, or have not been there for a day', async () => {
      const path = await begin({ action: 'disable', ids: ids('uma') });
      await adam.submit('/profile', '/logout');
      portal.clock.move(23 * HOUR);
      await work();
      assert.deepEqual(await states(path), { uma: 'done' });
    });

    it('asks the rule of each anew: who may do more by then is refused, and the others are done', async () => {
      const path = await begin({ action: 'disable', ids: ids('uma', 'umar') });
      const olivia = await portal.signedIn('acme/olivia');
      const uma = pageOf(portal.idOf('acme/uma'));
      await olivia.submit(uma, uma, { roleIds: await roleId(portal, 'acme', 'owner') });
      await work();
      assert.deepEqual(await states(path), { uma: 'refused', umar: 'done' });
      assert.match((await adam.open(`${path}?show=refused`)).text, /may do more than yours/);
    });
  });

  it('forgets the name of who is removed, and counts them still', async () => {
    const path = await begin({ action: 'disable', ids: ids('uma') });
    await work();
    const removal = `${pageOf(portal.idOf('acme/uma'))}/removal`;
    await adam.submit(removal, removal, { username: 'uma' });
    const page = await adam.open(path);
    assert.match(page.text, /1 done/);
    assert.doesNotMatch(page.text, /Uma Ndiaye/);
    assert.equal((await portal.browser().tryToSignIn('acme/umar', PASSWORD)).status, 303);
  });
});

import assert from 'node:assert/strict';
import { newId } from '#models/columns.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { UserRole } from '#models/user-role.js';
import { createTenantWithOwner, changeTenant, resumeTenant, suspendTenant } from '#server/features/tenants/actions.js';
import { inviteOwnersAgain } from '#server/features/tenants/invite.js';
import { readTenant } from '#server/features/tenants/figures.js';
import { listTenants } from '#server/features/tenants/list.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { newestDetails, rowsOf, table, verdictOn } from '../support/log.js';
import { contextIn } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

const PATH = '/platform/tenants';
const INITECH = {
  name: 'Initech',
  slug: 'initech',
  ownerName: 'Ines Ito',
  ownerUsername: 'ines',
  ownerEmail: 'ines@initech.example',
};
const NEW = 'quiet-lantern-orchard-57';

describe('Organisations, as an operator looks after them', () => {
  let portal: Portal;
  let opal: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    opal = await portal.signedIn('platform/opal');
  });
  afterEach(() => portal.close());
  const add = async (fields: Partial<typeof INITECH> = {}) =>
    opal.submit(`${PATH}/new`, PATH, { ...INITECH, ...fields });
  const idOf = async (slug: string): Promise<string> => (await contextIn(portal, slug)).tenant.id;

  it('A new one comes with a first owner, who is invited, sets a password and owns it', async () => {
    const answer = await add();
    assert.equal(answer.status, 303);
    const page = await opal.follow(answer);
    assert.equal(page.heading, 'Initech Active');
    assert.match(
      page.flash,
      /Initech has been added\. No mail server is set, so an invitation reaches nobody by itself/,
    );
    assert.match(page.text, /Active users 0 1 invited, 0 disabled/);
    const link = await portal.inbox.linkTo('ines@initech.example', '/invitations/');
    assert.match((await portal.inbox.newestTo('ines@initech.example')).text, /Initech/);
    const ines = portal.browser();
    await ines.submit(link, link, { newPassword: NEW, confirmPassword: NEW });
    await ines.signIn('initech/ines', NEW);
    assert.equal((await ines.get('/admin/security-policy')).status, 200);
    assert.equal((await ines.get(PATH)).status, 403, 'and is no operator');
  });

  it('Each stands in the list with how many use it, and when somebody last signed in', async () => {
    await portal.signedIn('globex/gina');
    await add();
    const rows = (await opal.open(PATH)).document.querySelectorAll('tbody tr');
    const cells = (name: string): string[] =>
      ['Active users', 'Last sign-in'].map((label) => {
        const row = rows.find(({ text }) => text.includes(name));
        return row?.querySelector(`[data-label="${label}"]`)?.text.trim() ?? '';
      });
    assert.deepEqual(cells('Globex'), ['3', 'just now']);
    assert.deepEqual(cells('Initech'), ['0', 'Never'], 'Its owner is only invited.');
  });

  it('It begins with a policy, the factory roles and an intact log of its own, and the platform’s log knows of it', async () => {
    await add();
    const tenantId = await idOf('initech');
    assert.deepEqual(
      (
        await Role.findAll({
          where: { tenantId },
          order: [
            ['createdAt', 'ASC'],
            ['id', 'ASC'],
          ],
        })
      ).map(({ name }) => name),
      ['Owner', 'Admin', 'Auditor', 'User'],
    );
    assert.equal((await verdictOn(portal, 'initech')).intact, true);
    assert.deepEqual(
      (await rowsOf(portal, 'initech')).map(({ event }) => event),
      ['tenant.created', 'user.created', 'invitation.sent'],
    );
    assert.deepEqual(await newestDetails(portal, 'platform', 'tenant.created'), { slug: 'initech', name: 'Initech' });
    const told = (await rowsOf(portal, 'platform')).at(-1);
    assert.deepEqual(
      [told?.event, told?.actor_id, told?.target_id],
      ['tenant.created', portal.idOf('platform/opal'), tenantId],
    );
    assert.match(
      (await opal.open('/admin/security-log')).text,
      /Organisation created Short name: initech · Name: Initech.*Opal Osei\s*Initech/,
    );
  });

  it('What is wrong is said at its field, what was typed stays, and nothing is made', async () => {
    const count = await Tenant.count();
    for (const [fields, field, why] of [
      [{ slug: 'acme' }, 'slug', /Another organisation has this short name/],
      [{ slug: 'platform' }, 'slug', /reserved/],
      [{ slug: 'Initech' }, 'slug', /lower-case/],
      [{ slug: '-x' }, 'slug', /lower-case/],
      [{ name: ' ' }, 'name', /Enter the name/],
      [{ name: 'x'.repeat(101) }, 'name', /at most 100/],
      [{ name: 'In\u0000itech' }, 'name', /control characters/],
      [{ ownerName: '' }, 'ownerName', /Enter the name/],
      [{ ownerUsername: 'i:nes' }, 'ownerUsername', /colon/],
      [{ ownerEmail: 'ines' }, 'ownerEmail', /name@example\.com/],
    ] as const) {
      const answer = await add(fields);
      assert.equal(answer.status, 422, JSON.stringify(fields));
      assert.match(answer.errorOf(field), why);
      if (field !== 'name') assert.equal(answer.valueOf('name'), 'Initech');
    }
    assert.equal(await Tenant.count(), count);
    assert.equal(await OutboxMessage.count({ where: { event: 'invitation' } }), 0);
  });

  it('Of two with one short name at the same moment one is made, and the other is told why not', async () => {
    const fields = { ...(await opal.open(`${PATH}/new`)).form(PATH), ...INITECH };
    const answers = await Promise.all([opal.post(PATH, fields), opal.post(PATH, { ...fields, name: 'Other' })]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 422]);
    assert.match(
      answers.find(({ status }) => status === 422)?.errorOf('slug') ?? '',
      /Another organisation has this short name/,
    );
    assert.equal(await User.count({ where: { username: 'ines' } }), 1);
    assert.equal(await OutboxMessage.count({ where: { event: 'invitation' } }), 1);
  });

  it('Renamed, it is called so on its pages at once, and both logs tell the old name and the new', async () => {
    const at = `${PATH}/${await idOf('acme')}`;
    const uma = await portal.signedIn('acme/uma');
    const page = await opal.follow(await opal.submit(at, at, { name: 'Acme Limited' }));
    assert.equal(page.heading, 'Acme Limited Active');
    assert.match((await uma.open('/security')).html, /Acme Limited/);
    for (const slug of ['acme', 'platform'])
      assert.deepEqual(await newestDetails(portal, slug, 'tenant.changed'), {
        name: { from: 'Acme', to: 'Acme Limited' },
      });
    const rows = (await rowsOf(portal, 'acme')).length;
    await opal.submit(at, at, { name: 'Acme Limited' });
    assert.equal((await rowsOf(portal, 'acme')).length, rows, 'the same name again is no change');
    assert.equal((await opal.submit(at, at, { name: '' })).status, 422);
  });

  it('The page of one tells its users by state, sessions, last sign-in, log and owners', async () => {
    await portal.signedIn('globex/gina');
    await User.update({ status: 'disabled' }, { where: { id: portal.idOf('globex/gary') } });
    const page = await opal.open(`${PATH}/${await idOf('globex')}`);
    const rows = (await rowsOf(portal, 'globex')).length;
    assert.match(page.text, /Active users 2 0 invited, 1 disabled/);
    assert.match(page.text, new RegExp(`Open sessions 1 Rows in the security log ${rows} Last sign-in just now`));
    assert.match(page.text, /Oscar Ortega\s*oscar@globex\.example\s*Active/);
    assert.doesNotMatch(page.text, /gina/i);
  });

  it('The invitation of an owner who let it run out is sent again', async () => {
    await add();
    const first = await portal.inbox.linkTo('ines@initech.example', '/invitations/');
    portal.clock.move(8 * DAY);
    opal = await portal.signedIn('platform/opal');
    const at = `${PATH}/${await idOf('initech')}`;
    await opal.submit(at, `${at}/invitation`);
    const second = await portal.inbox.linkTo('ines@initech.example', '/invitations/');
    assert.deepEqual(
      [(await portal.browser().get(first)).status, (await portal.browser().get(second)).status],
      [410, 200],
    );
    const acme = `${PATH}/${await idOf('acme')}`;
    assert.ok(!(await opal.open(acme)).forms().includes(`${acme}/invitation`), 'its owner is in already');
  });

  it('The list finds by name and short name and by status, in pages', async () => {
    const acme = await contextIn(portal, 'acme');
    await Tenant.bulkCreate(
      Array.from({ length: 60 }, (_, index) => ({
        slug: `t-${String(index).padStart(2, '0')}`,
        name: `Zürich 100%_${index}`,
        createdAt: acme.now,
      })),
    );
    const names = async (query: string): Promise<string[]> =>
      table(await opal.open(PATH + query)).map((row) => row[1] ?? '');
    assert.equal((await names('')).length, 25);
    assert.match((await opal.open(`${PATH}?page=3`)).text, /51–63 of 63/);
    assert.deepEqual((await names('')).slice(0, 3), ['acme', 'globex', 'platform']);
    assert.deepEqual(await names('?q=GLOB'), ['globex']);
    assert.equal((await names('?q=100%25_5&page=9')).length, 11, 'a page too far shows the last');
    assert.deepEqual(await names('?q=%25lob'), []);
    assert.deepEqual(await names('?q=t-59&status=active'), ['t-59']);
    assert.deepEqual(await names('?q=t-59&status=suspended'), []);
    assert.equal((await names('?status=nonsense&page=x')).length, 25);
  });

  it('Nobody but operators gets near any of it', async () => {
    const id = await idOf('globex');
    const gets = [PATH, `${PATH}/new`, `${PATH}/${id}`, `${PATH}/${id}/suspension`];
    const posts = [
      PATH,
      `${PATH}/${id}`,
      `${PATH}/${id}/invitation`,
      `${PATH}/${id}/suspension`,
      `${PATH}/${id}/resumption`,
    ];
    for (const who of ['acme/olivia', 'acme/adam', 'acme/uma', 'globex/oscar']) {
      const browser = await portal.signedIn(who);
      const _csrf = await browser.csrf('/security');
      for (const path of gets) assert.equal((await browser.get(path)).status, 403, `${who} ${path}`);
      for (const path of posts)
        assert.equal((await browser.post(path, { _csrf, ...INITECH })).status, 403, `${who} ${path}`);
    }
    assert.match((await portal.browser().get(PATH)).location, /^\/login/);
    const context = await contextIn(portal, 'platform');
    const looking = new Set(['tenants:read' as const]);
    const actor = { ...context.actor, kind: 'user' as const, permissions: looking };
    for (const one of [null, { ...actor, platform: false }]) {
      await assert.rejects(() => listTenants({ ...context, actor: one }), { status: 403 });
      await assert.rejects(() => readTenant({ ...context, actor: one }, id), { status: 403 });
    }
    for (const one of [null, actor]) {
      const as = { ...context, actor: one };
      await assert.rejects(() => createTenantWithOwner(as, INITECH), { status: 403 });
      await assert.rejects(() => changeTenant(as, id, { name: 'Other' }), { status: 403 });
      await assert.rejects(() => suspendTenant(as, id), { status: 403 });
      await assert.rejects(() => resumeTenant(as, id), { status: 403 });
      await assert.rejects(() => inviteOwnersAgain(as, id), { status: 403 });
    }
  });

  it('A role of an organisation that was made to carry the permission carries nothing', async () => {
    const tenantId = await idOf('acme');
    const role = await Role.create({
      tenantId,
      name: 'Smuggler',
      permissions: '["tenants:read","tenants:write","users:read"]',
      createdAt: 0,
    });
    await UserRole.replace(tenantId, portal.idOf('acme/uma'), [role.id], { at: 0, by: null });
    const uma = await portal.signedIn('acme/uma');
    assert.equal((await uma.get(PATH)).status, 403);
    assert.equal((await uma.get('/admin/users')).status, 200);
    assert.doesNotMatch((await uma.open('/security')).text + (await uma.open('/security')).links().join(), /platform/);
  });

  it('Who only sees organisations sees them, and changes none', async () => {
    const platform = await idOf('platform');
    await portal.database.sequelize.query(
      `UPDATE roles SET read_only = ${portal.database.dialect === 'sqlite' ? '1' : 'true'} WHERE tenant_id = '${platform}' AND key = 'operator'`,
    );
    const at = `${PATH}/${await idOf('acme')}`;
    const page = await opal.open(at);
    assert.equal(page.status, 200);
    assert.deepEqual(
      page.forms().filter((action) => action.startsWith(PATH)),
      [],
    );
    const _csrf = await opal.csrf('/security');
    for (const path of [PATH, at, `${at}/suspension`])
      assert.equal((await opal.post(path, { _csrf, ...INITECH })).status, 403);
  });

  it('A change asks again who is there, when the last sign-in was too long ago; what is not there is not found', async () => {
    const { tenant } = await contextIn(portal, 'acme');
    const _csrf = await opal.csrf('/security');
    assert.equal((await opal.post(`${PATH}/${newId()}/suspension`, { _csrf })).status, 404);
    assert.equal((await opal.get(`${PATH}/nonsense`)).status, 404);
    portal.clock.move(11 * MINUTE);
    for (const path of [PATH, `${PATH}/${tenant.id}`, `${PATH}/${tenant.id}/suspension`])
      assert.match((await opal.post(path, { _csrf })).location, /^\/confirm/);
    assert.equal((await Tenant.findByPk(tenant.id))?.status, 'active');
    await opal.stepUp(PASSWORD);
    assert.equal(
      (await opal.post(`${PATH}/${tenant.id}/suspension`, { _csrf: await opal.csrf('/security') })).status,
      303,
    );
  });
});

import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import { ApiCredential } from '#models/api-credential.js';
import { UserJob } from '#models/user-job.js';
import { giveRoles, programOf, tokenFor } from '../support/programs.js';
import { userCalled } from '../support/users.js';
import { openablePaths } from './places.js';
import { servePortal, type ServedPortal } from './support.js';

describe('The longest of everything', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
  });
  after(() => portal.close());

  const WIDE = 'W'.repeat(100);

  it('is whole on a phone, at 400 % and on a desk: no page is wider than the screen', async () => {
    const { id, tenantId } = await userCalled(portal, 'acme/uma');
    const text = { description: 'W'.repeat(500), permissions: '["users:read"]' };
    const long = await Role.create({ ...text, tenantId, name: WIDE, createdAt: 1 });
    const many = [long];
    for (let at = 1; at <= 12; at += 1)
      many.push(await Role.create({ ...text, tenantId, name: `Department number ${at}`, createdAt: at }));
    await giveRoles({ id, tenantId }, many);
    await User.update({ name: WIDE, email: `${'w'.repeat(60)}@${'w'.repeat(60)}.example` }, { where: { id } });
    await tokenFor(portal, 'acme/uma', { role: WIDE });
    await tokenFor(portal, 'acme/robo');
    await ApiCredential.update({ name: 'W'.repeat(60) }, { where: {} });
    const program = await programOf(portal, 'acme/olivia');
    const asked = {
      action: 'give-role',
      roleId: long.id,
      ids: [id, portal.idOf('acme/umar')],
      reason: 'W'.repeat(300),
    };
    await program.post('/users/bulk', asked);
    const begun = await program.post('/users/bulk', asked);
    await program.post('/users/bulk', { confirmed: begun.body['id'] });
    const jobs = await UserJob.findAll();
    const account = `/admin/users/${id}`;
    const paths = [
      ...openablePaths(portal, '/admin'),
      ...['', '/why', '/removal', '/access-pass', '/credentials/removal'].map((path) => `${account}${path}`),
      ...['', '/removal'].map((path) => `/admin/roles/${long.id}${path}`),
      ...jobs.map((job) => `/admin/users/bulk/${job.id}`),
      `/admin/users/${portal.idOf('acme/robo')}/tokens`,
      '/security/tokens/new',
    ];
    const tab = await portal.tabOf('acme/olivia');
    const wide: string[] = [];
    for (const width of [320, 1280]) {
      await tab.page.setViewportSize({ width, height: 800 });
      for (const path of paths) {
        await tab.page.goto(path);
        const overflow = await tab.page.evaluate<number>(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        if (overflow > 0) wide.push(`${path} at ${width}: ${overflow} px`);
      }
    }
    await tab.close();
    assert.deepEqual(wide, []);
  });

  it('is whole where an error says it back, and in the name of an organisation', async () => {
    const tab = await portal.tabOf('globex/oscar');
    await tab.page.setViewportSize({ width: 320, height: 800 });
    const wide: string[] = [];
    const send = async (path: string, button: string, fields: Record<string, string>, answer: number) => {
      await tab.page.goto(path);
      for (const [name, value] of Object.entries(fields)) await tab.page.fill(`[name="${name}"]`, value);
      const [response] = await Promise.all([
        tab.page.waitForResponse((each) => each.request().method() === 'POST'),
        tab.page.click(`main ${button}`),
      ]);
      assert.equal(response.status(), answer, path);
      await tab.page.waitForLoadState();
      const overflow = await tab.page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      if (overflow > 0) wide.push(`${path}: ${overflow} px`);
    };
    await send('/admin/security-policy', 'button[formaction$="/preview"]', { allowedIps: WIDE }, 422);
    await send('/admin/users/import', 'form[action$="/preview"] [type=submit]', { csv: WIDE }, 422);
    await send('/admin/notifications/invitation', 'button[formaction$="/preview"]', { text: `{{${WIDE}}}` }, 422);
    await send(
      '/admin/organisation',
      'form[action="/admin/organisation"] button:not([formaction])',
      { name: WIDE },
      303,
    );
    await tab.close();
    assert.deepEqual(wide, []);
  });
});

import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { workOnPeople } from '#server/jobs/people.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import { roleId, userCalled } from '../support/users.js';

const IMPORT = '/admin/users/import';
const PREVIEW = '/admin/users/import/preview';

interface Newcomer {
  username: string;
  name: string;
  email: string;
}

type Door = (portal: Portal, newcomer: Newcomer) => Promise<unknown>;

const csvOf = (newcomer: Newcomer): string =>
  `${Object.keys(newcomer).join(',')}\n${Object.values(newcomer).join(',')}\n`;

/** Every way on which an administrator adds somebody, saying nothing but who it is. */
const DOORS: Readonly<Record<string, Door>> = {
  'the page': async (portal, newcomer) =>
    (await portal.signedIn('acme/olivia')).submit('/admin/users/new', '/admin/users', { ...newcomer }),
  'the API': async (portal, newcomer) => (await programOf(portal, 'acme/olivia')).post('/users', newcomer),
  'a file': async (portal, newcomer) => {
    const olivia = await portal.signedIn('acme/olivia');
    const page = await olivia.submit(IMPORT, PREVIEW, { csv: csvOf(newcomer) });
    await olivia.post(IMPORT, page.form(IMPORT));
    await workOnPeople(portal.services);
  },
  'a file by the API': async (portal, newcomer) => {
    await (await programOf(portal, 'acme/olivia')).post('/users/import', { csv: csvOf(newcomer) });
    await workOnPeople(portal.services);
  },
};

describe('Whoever is new gets what the organisation gives', () => {
  let portal: Portal;
  let tenantId: string;
  let crew: string;
  let user: string;
  before(async () => {
    portal = await startPortal();
    tenantId = (await contextIn(portal, 'acme')).tenant.id;
    user = await roleId(portal, 'acme', 'user');
    const made = await (
      await programOf(portal, 'acme/olivia')
    ).post('/roles', { name: 'Crew', permissions: ['users:read'] });
    crew = String(made.body['id']);
  });
  after(() => portal.close());

  /** For every such setting: what it may say, and who is new by then. */
  const given = (): Record<string, [value: string | boolean | null, expected: object][]> => ({
    defaultRoleId: [
      [crew, { roles: ['Crew'] }],
      [null, { roles: ['User'] }],
    ],
    defaultLocale: [['de', { locale: 'de' }]],
    defaultTimeZone: [['Asia/Tokyo', { timeZone: 'Asia/Tokyo' }]],
    // Of who is invited and chooses a password of their own nothing is to be changed.
    defaultMustChangePassword: [[true, { mustChangePassword: false }]],
    defaultMustSetUpTwoFactor: [
      [true, { mustSetUpTwoFactor: true }],
      [false, { mustSetUpTwoFactor: false }],
    ],
  });

  it('is every one of these settings', () => {
    const settings = Object.keys(Tenant.getAttributes()).filter((name) => name.startsWith('default'));
    assert.deepEqual(settings.sort(), Object.keys(given()).sort());
    assert.notEqual(crew, user);
  });

  let number = 0;
  for (const [door, add] of Object.entries(DOORS))
    it(`by ${door}`, async () => {
      for (const [setting, cases] of Object.entries(given()))
        for (const [value, expected] of cases) {
          await Tenant.update({ [setting]: value }, { where: { id: tenantId } });
          number += 1;
          const username = `new${number}`;
          await add(portal, { username, name: `New ${number}`, email: `${username}@acme.example` });
          const made = await userCalled(portal, `acme/${username}`);
          const { status, kind, locale, timeZone, mustChangePassword, mustSetUpTwoFactor } = made;
          const roles = ((made.roles ?? []) as Role[]).map(({ name }) => name);
          assert.deepEqual([status, kind], ['invited', 'person']);
          const got = { roles, locale, timeZone, mustChangePassword, mustSetUpTwoFactor };
          assert.deepEqual({ ...got, ...expected }, got, `${setting}: ${value}`);
        }
    });

  it('but a file may give another role, row by row', async () => {
    await Tenant.update({ defaultRoleId: crew }, { where: { id: tenantId } });
    const csv = 'username,name,email,roles\nann,Ann,ann@acme.example,User\nben,Ben,ben@acme.example,\n';
    await (await programOf(portal, 'acme/olivia')).post('/users/import', { csv });
    await workOnPeople(portal.services);
    const rolesOf = async (who: string) => (await userCalled(portal, who)).roles?.map(({ name }) => name);
    assert.deepEqual([await rolesOf('acme/ann'), await rolesOf('acme/ben')], [['User'], ['Crew']]);
  });
});

import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { Role } from '#models/role.js';
import { cellOfNames, namesInCell } from '#policies/name-lists.js';
import { exportUsers } from '#server/features/users/export.js';
import type { Browser } from '../support/browser.js';
import { rowsIn } from '../support/csv.js';
import { contextIn, logged } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { newestDetails, userCalled } from '../support/users.js';

const FILE = '/admin/users/export.csv';

describe('The users as a file', () => {
  let portal: Portal;
  let adam: Browser;
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  after(() => portal.close());

  it('has everybody of the organisation, and nobody of another', async () => {
    const page = await adam.get(FILE);
    assert.equal(page.status, 200);
    assert.match(page.headers['content-type'] ?? '', /^text\/csv/);
    assert.match(page.headers['content-disposition'] ?? '', /attachment; filename=users.csv$/);
    const rows = rowsIn(page.html);
    assert.deepEqual(
      rows.map(({ username }) => username),
      ['adam', 'audrey', 'olivia', 'robo', 'uma', 'umar'],
    );
    assert.deepEqual(
      rows.find(({ username }) => username === 'uma'),
      {
        username: 'uma',
        name: 'Uma Ndiaye',
        email: 'uma@acme.example',
        roles: 'User',
        status: 'active',
        kind: 'person',
      },
    );
    assert.equal(rows.find(({ username }) => username === 'robo')?.['kind'], 'service');
  });

  it('has what the filters of the list find, to which its link leads, and the log says that it was taken', async () => {
    const list = await adam.open('/admin/users?q=uma&status=active');
    const link = list.links().find((to) => to.startsWith(FILE)) ?? '';
    const rows = rowsIn((await adam.get(link)).html);
    assert.deepEqual(
      rows.map(({ username }) => username),
      ['uma', 'umar'],
    );
    assert.deepEqual(await newestDetails(portal, 'acme', 'users.exported'), { about: ['q', 'status'] });
    const before = (await logged(portal, 'acme', 'users.exported')).length;
    assert.equal((await adam.get(`${FILE}?status=everybody`)).status, 400);
    const uma = await portal.signedIn('acme/uma');
    assert.equal((await uma.get(FILE)).status, 403);
    assert.equal((await logged(portal, 'acme', 'users.exported')).length, before);
  });

  it('has nothing that a spreadsheet runs, and parts roles so that each is told from the next', async () => {
    const { id, tenantId } = await userCalled(portal, 'acme/umar');
    await User.update({ name: '=HYPERLINK("x")' }, { where: { id } });
    await Role.update({ name: 'Help|desk' }, { where: { tenantId, key: 'user' } });
    const umar = rowsIn((await adam.get(`${FILE}?q=umar`)).html)[0];
    assert.equal(umar?.['name'], `'=HYPERLINK("x")`);
    assert.deepEqual([umar['roles'], cellOfNames(['A', 'B|C', 'D\\'])], ['Help\\|desk', 'A|B\\|C|D\\\\']);
    assert.deepEqual(namesInCell(umar['roles'] ?? ''), ['Help|desk']);
    for (const names of [['A', 'B'], ['A|B'], ['A\\', 'B'], ['\\|', '\\\\'], []])
      assert.deepEqual(namesInCell(cellOfNames(names)), names);
    await Role.update({ name: 'User' }, { where: { tenantId, key: 'user' } });
  });

  it('comes in parts, so that no more of it is held than is sent', async () => {
    const { tenant } = await contextIn(portal, 'acme');
    const rows = Array.from({ length: 1100 }, (_, at) => ({
      ...{ tenantId: tenant.id, status: 'invited' as const, createdAt: 1, passwordHash: null },
      ...{ username: `crowd${at}`, name: `Crowd ${at}`, email: `crowd${at}@acme.example` },
    }));
    await User.bulkCreate(rows.map((row) => User.build(row)).map((one) => (one.setKeys(), one.get())));
    const parts: string[] = [];
    for await (const part of await exportUsers(await contextIn(portal, 'acme'), { q: '' })) parts.push(String(part));
    assert.ok(parts.length > 3 && parts.every((part) => part.split('\r\n').length <= 501));
    const names = rowsIn(parts.join('')).map(({ username }) => username);
    assert.deepEqual([names.length, new Set(names).size], [1106, 1106]);
  });
});

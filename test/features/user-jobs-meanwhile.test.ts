import assert from 'node:assert/strict';
import { UserJobRow } from '#models/user-job-row.js';
import { workOnPeople } from '#server/jobs/people.js';
import type { Program } from '../support/program.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import { roleId, userCalled } from '../support/users.js';

type Change = Record<string, unknown>;

describe('What others have done to somebody before a change of many reaches them', () => {
  let portal: Portal;
  let olivia: Program;
  let user: string;
  let auditor: string;
  before(async () => {
    portal = await startPortal();
    olivia = await programOf(portal, 'acme/olivia');
    user = await roleId(portal, 'acme', 'user');
    auditor = await roleId(portal, 'acme', 'auditor');
  });
  after(() => portal.close());

  const umar = (): string => portal.idOf('acme/umar');
  const change = async (id: string, changes: Change): Promise<void> => {
    const { status, text } = await olivia.patch(`/users/${id}`, changes);
    assert.equal(status, 200, text);
  };
  const make = async (path: string, body: Change): Promise<string> => {
    const { status, body: made, text } = await olivia.post(path, body);
    assert.equal(status, 201, text);
    return String(made['id']);
  };
  /** Begins it, lets others act, and gives what the report says of each. */
  const outcome = async (path: string, asked: Change, meanwhile: () => Promise<unknown>) => {
    const preview = await olivia.post(path, asked);
    assert.equal(preview.status, 200, preview.text);
    assert.equal((preview.body['counts'] as Change)['waiting'], 1, preview.text);
    const id = String(preview.body['id']);
    await olivia.post(path, path === '/users/bulk' ? { confirmed: id } : { import: id });
    await meanwhile();
    await workOnPeople(portal.services);
    const rows = await UserJobRow.findAll({ where: { jobId: id } });
    return rows.map(({ state, note }) => [state, note]);
  };
  const bulk = (asked: Change, meanwhile: () => Promise<unknown>) => outcome('/users/bulk', asked, meanwhile);
  const file = (csv: string, meanwhile: () => Promise<unknown>) =>
    outcome('/users/import', { csv, dryRun: true }, meanwhile);

  it('is not said to have been done by it, whatever it is', async () => {
    const both = [user, auditor];
    const trials: [Change, Change, Change, string][] = [
      [{ action: 'disable' }, { status: 'active' }, { status: 'disabled' }, 'Disabled already.'],
      [{ action: 'enable' }, { status: 'disabled' }, { status: 'active' }, 'Not disabled.'],
      [
        { action: 'demand-two-factor' },
        { mustSetUpTwoFactor: false },
        { mustSetUpTwoFactor: true },
        'Demanded already.',
      ],
      [{ action: 'give-role', roleId: auditor }, { roleIds: [user] }, { roleIds: both }, 'Has the role already.'],
      [{ action: 'take-role', roleId: auditor }, { roleIds: both }, { roleIds: [user] }, 'Does not have the role.'],
    ];
    for (const [asked, before, meanwhile, note] of trials) {
      await change(umar(), before);
      const said = await bulk({ ...asked, ids: [umar()] }, () => change(umar(), meanwhile));
      assert.deepEqual(said, [['unchanged', note]], JSON.stringify(asked));
    }
    const csv = 'username,name\numar,Umar the Second\n';
    const said = await file(csv, () => change(umar(), { name: 'Umar the Second' }));
    assert.deepEqual(said, [['unchanged', 'All of it is so already.']]);
  });

  it('is told in words for a list of people: who was removed, and a role that has gone', async () => {
    const ida = await make('/users', { username: 'ida', name: 'Ida', email: 'ida@acme.example', roleIds: [user] });
    const gone = await bulk({ action: 'disable', ids: [ida] }, () => olivia.delete(`/users/${ida}`));
    assert.deepEqual(gone, [['refused', 'There is no such account any more.']]);
    const support = { name: 'Support', permissions: ['users:read'] };
    const given = await make('/roles', support);
    const late = await bulk({ action: 'give-role', roleId: given, ids: [umar()] }, () =>
      olivia.delete(`/roles/${given}`),
    );
    assert.match(String(late[0]?.[1]), /no longer there/);
    const taken = await make('/roles', support);
    await change(umar(), { roleIds: [user, taken] });
    const replaced = await bulk({ action: 'take-role', roleId: taken, ids: [umar()] }, () =>
      olivia.delete(`/roles/${taken}?replacementRoleId=${auditor}`),
    );
    assert.deepEqual(replaced, [['unchanged', 'Does not have the role.']]);
  });

  it('is not undone by a file: a role that was taken does not come back', async () => {
    const name = 'Help desk';
    await make('/roles', { name, permissions: ['users:read'] });
    await change(umar(), { roleIds: [user, auditor] });
    const csv = `username,roles\numar,User|Auditor|${name}\n`;
    const said = await file(csv, () => change(umar(), { roleIds: [user] }));
    assert.deepEqual(said, [['done', null]]);
    const { roles = [] } = await userCalled(portal, 'acme/umar');
    assert.deepEqual(roles.map((role) => role.name).sort(), [name, 'User']);
  });

  it('is not overwritten by a file that was held against what was before: the report says how it is by now', async () => {
    const csv = `username,name,roles\numar,Umar of the file,User\n`;
    await change(umar(), { name: 'Umar', roleIds: [user] });
    const named = await file(csv, () => change(umar(), { name: 'Umar by hand' }));
    assert.match(String(named[0]?.[1]), /“Umar by hand” by now/);
    await change(umar(), { name: 'Umar of the file', roleIds: [user, auditor] });
    const spare = await make('/roles', { name: 'Spare', permissions: ['users:read'] });
    const given = await file(csv, () => change(umar(), { roleIds: [user, auditor, spare] }));
    assert.match(String(given[0]?.[1]), /“Spare” has come to it/);
    const { name, roles = [] } = await userCalled(portal, 'acme/umar');
    assert.deepEqual([name, roles.length], ['Umar of the file', 3]);
  });

  it('is not taken for a change where a file spells an address otherwise', async () => {
    const { body } = await olivia.post('/users/import', {
      csv: 'username,email\numar,UMAR@Acme.Example\n',
      dryRun: true,
    });
    assert.deepEqual([(body['counts'] as Change)['waiting'], (body['counts'] as Change)['unchanged']], [0, 1]);
  });
});

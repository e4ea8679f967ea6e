import assert from 'node:assert/strict';
import { keptApart } from '#models/kept-apart.js';
import { migration } from '#models/migrations/0017-folded-names.js';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import { priorKey } from '#policies/names.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

describe('Names of a database from before they were folded', () => {
  let portal: Portal;
  let acme: string;
  beforeEach(async () => {
    portal = await startPortal();
    acme = (await User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true })).tenantId;
  });
  afterEach(() => portal.close());

  /** Calls a member of the cast otherwise, with the keys of before. */
  async function asBefore(who: string, username: string, email: string): Promise<void> {
    await portal.database.sequelize.query(
      'UPDATE users SET username = $1, username_key = $2, email = $3, email_key = $4, name_key = $5 WHERE id = $6',
      { bind: [username, priorKey(username), email, priorKey(email), 'ürma', portal.idOf(who)] },
    );
  }
  const fill = () => migration.fill?.(portal.database.sequelize);

  it('are known by their folded form afterwards, a domain in either spelling', async () => {
    await asBefore('acme/uma', 'Straße', 'uma@münchen.example');
    await fill();
    for (const name of ['strasse', 'STRASSE', 'Straße', 'uma@xn--mnchen-3ya.example', 'UMA@MÜNCHEN.example'])
      assert.equal((await User.bySignInName(acme, name))?.id, portal.idOf('acme/uma'), name);
    assert.deepEqual(await keptApart(), []);
    const found = await (await portal.signedIn('acme/adam')).get('/admin/users?q=munchen');
    assert.ok(found.html.includes('Straße'));
  });

  it('stay apart where two fold alike: each signs in as before, nobody is merged or lost, and both are told of', async () => {
    await asBefore('acme/uma', 'Straße', 'uma@münchen.example');
    await asBefore('acme/umar', 'strasse', 'uma@xn--mnchen-3ya.example');
    await Role.create({ tenantId: acme, name: 'Mass', createdAt: 1 });
    const other = await Role.create({ tenantId: acme, name: 'Other', createdAt: 2 });
    await Role.update({ name: 'Maß', nameKey: 'maß' }, { where: { id: other.id }, hooks: false });
    await fill();
    const told = await keptApart();
    assert.equal(told.length, 3);
    assert.match(told.join(' '), /In acme, the username Straße folds like another.*uma@münchen\.example.*the role Maß/);
    for (const [name, id] of [
      ['Straße', portal.idOf('acme/uma')],
      ['uma@münchen.example', portal.idOf('acme/uma')],
      ['strasse', portal.idOf('acme/umar')],
      ['uma@xn--mnchen-3ya.example', portal.idOf('acme/umar')],
    ] as const)
      assert.equal((await User.bySignInName(acme, name))?.id, id, name);
    const browser = portal.browser();
    await browser.signIn('acme/Straße', PASSWORD);
    const page = await browser.open('/profile');
    assert.match(page.html, /uma@münchen\.example/);
    await browser.submit('/profile', '/profile', { name: 'Uma Straße' });
    assert.equal((await User.bySignInName(acme, 'Straße'))?.name, 'Uma Straße', 'saved under the same keys');
    const user = await User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });
    await user.update({ username: 'uma', email: 'uma@acme.example' });
    await other.reload();
    await other.update({ name: 'Measure' });
    assert.deepEqual(await keptApart(), [], 'until one of the two is called otherwise');
  });

  it('run a second time, change nothing', async () => {
    await fill();
    const before = await portal.database.read('SELECT * FROM users ORDER BY id', []);
    await fill();
    assert.deepEqual(await portal.database.read('SELECT * FROM users ORDER BY id', []), before);
  });
});

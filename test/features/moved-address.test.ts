import assert from 'node:assert/strict';
import { Op } from 'sequelize';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import { DAY, HOUR } from '#server/lib/clock.js';
import type { Page } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, programOf } from '../support/programs.js';
import { addSomebody, pageOf, roleId, userCalled } from '../support/users.js';

describe('An administrator’s account whose address another has changed', () => {
  let portal: Portal;
  let at = 0;
  before(async () => {
    portal = await startPortal();
    await addSomebody(portal, 'acme/cleo', 'admin');
    portal.clock.move(4 * DAY);
  });
  after(() => portal.close());

  /** Somebody who looks after others, has no second factor and has been there for long; and where Adam has their mail sent. */
  async function moved(key: 'admin' | 'user' = 'admin'): Promise<{ user: User; to: string }> {
    const user = await addSomebody(portal, `acme/ben${(at += 1)}`, key);
    portal.clock.move(4 * DAY);
    const to = `elsewhere${at}@acme.example`;
    const adam = await portal.signedIn('acme/adam');
    assert.equal((await adam.submit(pageOf(user.id), pageOf(user.id), { email: to })).status, 303);
    return { user, to };
  }
  const press = async (who: string, { id }: User): Promise<Page> => {
    const browser = await portal.signedIn(who);
    const { status, location, ...page } = await browser.submit(pageOf(id), `${pageOf(id)}/password-reset`);
    return Object.assign(page, { status, location }) as Page;
  };
  const linksTo = async (to: string): Promise<number> =>
    (await portal.inbox.mailsTo(to)).filter(({ event }) => event === 'password-reset').length;

  it('gets no link for a new password there by the one who has changed it, nor by a visitor, for three days', async () => {
    const { user, to } = await moved();
    assert.equal((await press('acme/adam', user)).status, 409);
    const forgotten = { organization: 'acme', username: user.username };
    await portal.browser().submit('/password/forgot', '/password/forgot', forgotten);
    assert.equal(await linksTo(to), 0);
    portal.clock.move(72 * HOUR);
    assert.equal((await press('acme/adam', user)).status, 303);
    await portal.browser().submit('/password/forgot', '/password/forgot', forgotten);
    assert.equal(await linksTo(to), 2);
  });

  it('gets none by the notice of another change that has gone there, but waits for an administrator', async () => {
    const { user, to } = await moved();
    const adam = await portal.signedIn('acme/adam');
    await adam.submit(pageOf(user.id), pageOf(user.id), { username: `renamed${at}` });
    const notice = await portal.inbox.linkTo(to, '/disavowal/');
    const stranger = portal.browser();
    assert.equal((await stranger.submit(notice, notice)).status, 303);
    assert.equal(await linksTo(to), 0);
    assert.equal((await press('acme/adam', user)).status, 409);
    assert.equal((await press('acme/cleo', user)).status, 303);
  });

  it('gets one by another, who could approve a reset of its second factor', async () => {
    const { user, to } = await moved();
    assert.equal((await press('acme/cleo', user)).status, 303);
    assert.equal(await linksTo(to), 1);
  });

  it('gets none by an account that the one has just made, nor where a program has changed it', async () => {
    const { user, to } = await moved();
    const dora = await addSomebody(portal, 'acme/dora', 'user');
    const olivia = await programOf(portal, 'acme/olivia');
    const raised = await olivia.patch(`/users/${dora.id}`, {
      roleIds: [await roleId(portal, 'acme', 'admin')],
    });
    assert.equal(raised.status, 200);
    assert.equal((await press('acme/dora', user)).status, 409);
    const puppet = await portal.signedIn('acme/dora');
    const other = { email: `by-dora-${to}` };
    assert.equal((await puppet.submit(pageOf(user.id), pageOf(user.id), other)).status, 303);
    assert.equal((await press('acme/adam', user)).status, 409);
    const robo = await userCalled(portal, 'acme/robo');
    await giveRoles(robo, [await Role.factory(robo.tenantId, 'admin')]);
    portal.clock.move(4 * DAY);
    const program = await programOf(portal, 'acme/robo');
    assert.equal((await program.patch(`/users/${user.id}`, { email: `by-robo-${to}` })).status, 200);
    assert.equal((await press('acme/adam', user)).status, 409);
    assert.equal((await linksTo(to)) + (await linksTo(`by-robo-${to}`)), 0);
  });

  it('is as any other where nobody but its owner has changed the address, and so is one that looks after nobody', async () => {
    const { user, to } = await moved('user');
    assert.equal((await press('acme/adam', user)).status, 303);
    assert.equal(await linksTo(to), 1);
    const own = await addSomebody(portal, 'acme/eve', 'admin');
    portal.clock.move(4 * DAY);
    const eve = await portal.signedIn('acme/eve');
    await eve.submit('/profile', '/profile', { email: 'eve@elsewhere.example' });
    const link = await portal.inbox.linkTo('eve@elsewhere.example', '/email/confirm/');
    assert.equal((await eve.submit(link, link)).status, 303);
    assert.equal((await User.findByPk(own.id))?.email, 'eve@elsewhere.example');
    assert.equal((await press('acme/adam', own)).status, 303);
  });

  it('is nobody’s to wait for where one administrator alone may take a second factor, too', async () => {
    const [{ tenantId }, staying] = [await userCalled(portal, 'acme/adam'), ['olivia', 'adam']];
    await User.update({ status: 'disabled' }, { where: { tenantId, username: { [Op.notIn]: staying } } });
    const { user, to } = await moved();
    assert.equal((await press('acme/adam', user)).status, 303);
    assert.equal(await linksTo(to), 1);
  });
});

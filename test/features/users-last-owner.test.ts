import assert from 'node:assert/strict';
import { inTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import { COMMAND_LINE } from '#policies/actor.js';
import { changeUser } from '#server/features/users/edit.js';
import { removeUser } from '#server/features/users/remove.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { addSomebody, pageOf, roleId, userCalled } from '../support/users.js';

describe('The last owner of an organisation', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const asItIs = async (who: string) => {
    const { username, name, email, mustSetUpTwoFactor, roles } = await userCalled(portal, who);
    return { username, name, email, mustSetUpTwoFactor, roleIds: roles!.map(({ id }) => id) };
  };

  it('cannot be disabled, demoted or deleted, not even from the command line', async () => {
    const context = await contextIn(portal, 'acme');
    const id = portal.idOf('acme/olivia');
    const now = await asItIs('acme/olivia');
    const user = await roleId(portal, 'acme', 'user');
    assert.equal(context.actor, COMMAND_LINE);
    await assert.rejects(changeUser(context, id, { ...now, status: 'disabled' }), /last active owner/);
    await assert.rejects(changeUser(context, id, { ...now, roleIds: [user] }), /last active owner/);
    await assert.rejects(removeUser(context, id, 'olivia'), /last active owner/);
    const { status, roles } = await userCalled(portal, 'acme/olivia');
    assert.deepEqual([status, roles!.map(({ key }) => key)], ['active', ['owner']]);
  });

  it('is not saved by owners who could not sign in: a disabled one, one who is invited, a service account', async () => {
    const context = await contextIn(portal, 'acme');
    const others = await Promise.all(
      ['otto', 'ophelia', 'orla'].map((name) => addSomebody(portal, `acme/${name}`, 'owner')),
    );
    await others[0]!.update({ status: 'disabled' });
    await others[1]!.update({ status: 'invited', passwordHash: null });
    await others[2]!.update({ kind: 'service', passwordHash: null });
    const now = await asItIs('acme/olivia');
    await assert.rejects(
      changeUser(context, portal.idOf('acme/olivia'), { ...now, status: 'disabled' }),
      /last active owner/,
    );
    for (const { id, username } of others) await removeUser(context, id, username);
  });

  it('is not saved by an owner whose password is worth nothing since they said that it was not them', async () => {
    const context = await contextIn(portal, 'acme');
    const otto = await addSomebody(portal, 'acme/otto', 'owner');
    const link = await inTransaction(() => issueDisavowal(context, otto, 'sign-in.succeeded'));
    await portal.browser().submit(link.disavowalLink, link.disavowalLink);
    assert.equal((await userCalled(portal, 'acme/otto')).resetHeld, false, 'a link for a new one is mailed to them');
    const now = await asItIs('acme/olivia');
    await assert.rejects(
      changeUser(context, portal.idOf('acme/olivia'), { ...now, status: 'disabled' }),
      /last active owner/,
    );
  });

  it('is told on the page, beside the field, who must come first', async () => {
    const otto = await addSomebody(portal, 'acme/otto', 'owner');
    const browser = await portal.signedIn('acme/otto');
    const olivia = pageOf(portal.idOf('acme/olivia'));
    await User.update({ kind: 'service' }, { where: { id: otto.id } });
    const answer = await browser.submit(olivia, olivia, { status: 'disabled' });
    assert.equal(answer.status, 422);
    assert.match(answer.alert, /last active owner. Make somebody else owner first/);
    const removal = await browser.submit(`${olivia}/removal`, `${olivia}/removal`, { username: 'olivia' });
    assert.match(removal.alert, /last active owner/);
  });

  for (const way of ['demoting', 'disabling', 'deleting'] as const) {
    it(`stays when two owners are ${way} each other at the same moment`, async () => {
      const otto = await addSomebody(portal, 'acme/otto', 'owner');
      const ids = [otto.id, portal.idOf('acme/olivia')];
      const names = ['otto', 'olivia'];
      const browsers = [await portal.signedIn('acme/olivia'), await portal.signedIn('acme/otto')];
      const user = await roleId(portal, 'acme', 'user');
      const paths = ids.map((id) => (way === 'deleting' ? `${pageOf(id)}/removal` : pageOf(id)));
      const fields = names.map((username) =>
        way === 'deleting' ? { username } : way === 'demoting' ? { roleIds: user } : { status: 'disabled' },
      );
      const forms = await Promise.all(
        browsers.map(async (browser, index) => (await browser.open(paths[index]!)).form(paths[index]!)),
      );
      const answers = await Promise.all(
        browsers.map((browser, index) => browser.post(paths[index]!, { ...forms[index], ...fields[index] })),
      );
      // The loser is refused, or, when they come too late for that, signed out already.
      assert.equal(
        answers.filter(({ location }) => location.startsWith('/admin')).length,
        1,
        answers.map(({ status }) => status).join(),
      );
      assert.ok(answers.every(({ status }) => status < 500));
      const left = await Promise.all(
        ['acme/otto', 'acme/olivia'].map((who) => userCalled(portal, who).catch(() => null)),
      );
      const able = left.filter((one) => one?.status === 'active' && one.roles!.some(({ key }) => key === 'owner'));
      assert.equal(able.length, 1);
    });
  }

  it('of the platform is its last operator', async () => {
    const context = await contextIn(portal, 'platform');
    const now = await asItIs('platform/opal');
    await assert.rejects(
      changeUser(context, portal.idOf('platform/opal'), { ...now, status: 'disabled' }),
      /last active operator/,
    );
    await addSomebody(portal, 'platform/omar', 'operator');
    await changeUser(context, portal.idOf('platform/opal'), { ...now, status: 'disabled' });
  });
});

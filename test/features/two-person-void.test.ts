import assert from 'node:assert/strict';
import { Approval } from '#models/approval.js';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import { lookAfterApprovals } from '#server/jobs/approvals.js';
import { DAY, HOUR } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { logged } from '../support/links.js';
import { enterPass, passOn } from '../support/passes.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, roleWith } from '../support/programs.js';
import { setPolicy } from '../support/second-factor.js';
import { APPROVALS, approve, TAKINGS, waitingOne } from '../support/two-person.js';
import { addSomebody, pageOf, userCalled } from '../support/users.js';

describe('A request about the factor of an administrator', () => {
  let portal: Portal;
  let adam: Browser;
  let olivia: Browser;
  let peer: User;
  beforeEach(async () => {
    portal = await startPortal();
    await setPolicy(portal, 'acme', { twoPersonReset: true });
    await setPolicy(portal, 'globex', { twoPersonReset: true });
    adam = await portal.signedIn('acme/adam');
    olivia = await portal.signedIn('acme/olivia');
    peer = await addSomebody(portal, 'acme/petra', 'admin');
  });
  afterEach(() => portal.close());

  const ask = async (browser: Browser, user: User) => {
    const answer = await TAKINGS['access-pass']?.(browser, user);
    assert.equal(answer?.status, 303, answer?.text);
  };
  const adminsRole = () => Role.factory(peer.tenantId, 'admin');
  const stateOf = async (id: string) => (await Approval.findByPk(id, { rejectOnEmpty: true })).state;

  it('is void after 24 hours, before any job has looked at it, and everybody is told', async () => {
    await ask(adam, peer);
    const { at, id } = await waitingOne();
    portal.clock.move(DAY - HOUR);
    assert.equal(await lookAfterApprovals(portal.services), 0);
    portal.clock.move(HOUR);
    olivia = await portal.signedIn('acme/olivia');
    assert.equal((await approve(olivia, at)).status, 409);
    assert.equal(await lookAfterApprovals(portal.services), 1);
    assert.equal(await stateOf(id), 'void');
    for (const who of ['adam', 'petra'])
      assert.match(
        (await portal.inbox.newestTo(`${who}@acme.example`)).text,
        /not decided within 24 hours, and is void/,
      );
    adam = await portal.signedIn('acme/adam');
    await ask(adam, peer);
  });

  const CHANGES: Readonly<Record<string, () => Promise<unknown>>> = {
    'the account was changed': () => User.update({ epoch: 7 }, { where: { id: peer.id } }),
    'the account was disabled': () => User.update({ status: 'disabled' }, { where: { id: peer.id } }),
    'whoever asked was disabled': async () =>
      User.update({ status: 'disabled' }, { where: { id: portal.idOf('acme/adam') } }),
    'whoever asked must choose a new password': async () =>
      User.update({ mustChangePassword: true }, { where: { id: portal.idOf('acme/adam') } }),
    'the account of whoever asked was secured': async () =>
      User.update({ epoch: 7 }, { where: { id: portal.idOf('acme/adam') } }),
    'whoever asked lost the role': async () =>
      giveRoles(await userCalled(portal, 'acme/adam'), [await Role.factory(peer.tenantId, 'auditor')]),
    'the account may do more than whoever asked': async () =>
      giveRoles(await userCalled(portal, 'acme/petra'), [await Role.factory(peer.tenantId, 'owner')]),
  };
  for (const [what, change] of Object.entries(CHANGES))
    it(`is void once ${what}`, async () => {
      await ask(adam, peer);
      const { at, id } = await waitingOne();
      await change();
      assert.equal((await approve(olivia, at)).status, 409);
      assert.equal(await stateOf(id), 'waiting');
      assert.equal(await lookAfterApprovals(portal.services), 1);
      assert.equal(await stateOf(id), 'void');
      assert.equal((await logged(portal, 'acme', 'approval.void')).length, 1);
    });

  it('is void when its owner says that it was not them', async () => {
    await ask(adam, peer);
    const { at } = await waitingOne();
    const link = await portal.inbox.linkTo(peer.email, '/disavowal/');
    const nobody = portal.browser();
    assert.equal((await nobody.submit(link, link)).status, 303);
    assert.equal((await approve(olivia, at)).status, 409);
  });

  it('is approved only by who might do it alone', async () => {
    await ask(adam, peer);
    const { at, id } = await waitingOne();
    const half = await addSomebody(portal, 'acme/harry', 'user');
    await giveRoles(half, [
      await roleWith(
        portal,
        'acme',
        [...(await adminsRole()).grants].filter((one) => one !== 'users:two-factor'),
      ),
    ]);
    assert.equal((await approve(await portal.signedIn('acme/harry'), at)).status, 403);
    assert.equal(await stateOf(id), 'waiting');
  });

  it('waits once, however often it is asked for, and of twenty approvals one counts', async () => {
    const asked = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const path = `${pageOf(peer.id)}/access-pass`;
        return (await adam.submit(path, path, { reason: 'Lost the phone', minutes: '60' })).status;
      }),
    );
    assert.deepEqual(asked.sort(), [303, 409, 409, 409, 409]);
    const { at } = await waitingOne();
    const other = await portal.signedIn('acme/olivia');
    const tokens = [await olivia.csrf('/security'), await other.csrf('/security')];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? other : olivia).post(`${at}/approval`, { _csrf: tokens[n % 2] ?? '' }),
      ),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.equal(answers.filter(({ status }) => status === 409).length, 19);
    assert.equal((await logged(portal, 'acme', 'access-pass.made')).length, 1);
  });

  it('goes with the account, when that is deleted at the same moment', async () => {
    const page = pageOf(peer.id);
    const fields = { reason: 'Lost the phone', minutes: '60' };
    const [asked, removed] = await Promise.all([
      adam.submit(`${page}/access-pass`, `${page}/access-pass`, fields),
      olivia.submit(`${page}/removal`, `${page}/removal`, { username: 'petra' }),
    ]);
    assert.equal(removed.status, 303);
    assert.ok([303, 404].includes(asked.status), asked.text);
    assert.equal(await Approval.count(), 0);
  });

  it('of two who have asked for each other the first that is approved makes the other void', async () => {
    const petra = await portal.signedIn('acme/petra');
    await setPolicy(portal, 'acme', { twoPersonReset: true });
    const them = await userCalled(portal, 'acme/adam');
    await User.update({ twoFactor: 'pending' }, { where: { id: [them.id, peer.id] } });
    for (const [browser, user] of [
      [petra, them],
      [adam, peer],
    ] as const)
      assert.equal((await TAKINGS['two-factor-reset']?.(browser, user))?.status, 303);
    const rows = await Approval.findAll();
    const at = (who: User) => `${APPROVALS}/${rows.find(({ userId }) => userId === who.id)?.id ?? ''}`;
    assert.equal((await approve(petra, at(peer))).status, 403);
    assert.equal((await approve(adam, at(them))).status, 403);
    const other = await portal.signedIn('acme/olivia');
    const answers = await Promise.all([approve(olivia, at(peer)), approve(other, at(them))]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 409]);
  });

  it('is for an operator of the platform where nobody else in the organisation may approve it, and says so', async () => {
    const gary = await userCalled(portal, 'globex/gary');
    const oscar = await portal.signedIn('globex/oscar');
    assert.match((await oscar.open(`${pageOf(gary.id)}/access-pass`)).text, /before an operator of the platform/);
    await ask(oscar, gary);
    const { at, id } = await waitingOne();
    assert.match((await portal.inbox.newestTo('opal@platform.example')).text, /One request waits/);
    assert.match((await oscar.open(at)).text, /an operator of the platform does/);
    for (const browser of [oscar, await portal.signedIn('globex/gary')])
      assert.equal((await approve(browser, at)).status, 403);
    for (const browser of [olivia, adam]) assert.equal((await approve(browser, at)).status, 404);
    const opal = await portal.signedIn('platform/opal');
    assert.match((await opal.open(APPROVALS)).text, /Gary.*Globex/s);
    const done = await opal.submit(at, `${at}/approval`);
    const pass = passOn(done);
    assert.equal((await enterPass(portal.browser(), 'globex/gary', pass)).location, '/login/pass/setup');
    assert.equal(await stateOf(id), 'approved');
    const [made] = await logged(portal, 'globex', 'access-pass.made');
    assert.equal(made?.['actor_id'], portal.idOf('platform/opal'));
    assert.ok(done.links().includes(APPROVALS) && !done.links().includes(pageOf(gary.id)));
  });
});

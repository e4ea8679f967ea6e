import assert from 'node:assert/strict';
import { newId } from '#models/columns.js';
import { KeptFactor } from '#models/kept-factor.js';
import { Passkey } from '#models/passkey.js';
import { Session } from '#models/session.js';
import { User } from '#models/user.js';
import { purge } from '#server/jobs/purge.js';
import { HOUR } from '#server/lib/clock.js';
import type { Authenticator } from '../support/authenticator.js';
import type { Browser } from '../support/browser.js';
import { verdictOn } from '../support/credentials.js';
import { logged } from '../support/links.js';
import { enterPass, passOn } from '../support/passes.js';
import { addPasskey, sendPasskey } from '../support/passkeys.js';
import { Phone } from '../support/phone.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { tokenFor } from '../support/programs.js';
import { halfSignedIn, isSignedIn, signedInWith, toMidStep } from '../support/second-factor.js';
import { peerCalled, TAKINGS, undoLink, type Peer } from '../support/two-person.js';

const SETUP = '/login/two-factor/setup';

describe('Whose second factor an administrator took away', () => {
  let portal: Portal;
  let olivia: Browser;
  let peer: Peer;
  beforeEach(async () => {
    portal = await startPortal();
    toMidStep(portal);
    peer = await peerCalled(portal, 'petra');
    olivia = await portal.signedIn('acme/olivia');
  });
  afterEach(() => portal.close());

  const link = (): Promise<string> => undoLink(portal, peer.user.email);
  const undo = async (path: string) => portal.browser().submit(path, path);
  const take = async (kind: string) => TAKINGS[kind]?.(olivia, peer.user);
  const now = () => User.findByPk(peer.user.id, { rejectOnEmpty: true });

  /** Somebody else has come in with the pass that was made for the owner, who has the mail with the link. */
  async function intruded(): Promise<{ thief: Browser; undoing: string }> {
    const page = `/admin/users/${peer.user.id}`;
    const fields = { reason: 'Lost the phone', passMinutes: '60' };
    const pass = passOn(await olivia.submit(page, `${page}/two-factor-reset`, fields));
    const undoing = await link();
    const thief = portal.browser();
    await enterPass(thief, peer.who, pass);
    return { thief, undoing };
  }

  async function opensWithAll(): Promise<void> {
    assert.ok(await isSignedIn(await signedInWith(portal, peer.who, peer.phone)));
    const browser = await halfSignedIn(portal, peer.who);
    await sendPasskey(browser, peer.key as Authenticator);
    assert.ok(await isSignedIn(browser));
    const other = await halfSignedIn(portal, peer.who);
    await other.submit('/login/recovery', '/login/recovery', { recoveryCode: peer.codes[0] ?? '' });
    assert.ok(await isSignedIn(other));
  }

  for (const kind of ['two-factor-reset', 'two-factor-removal', 'passkey-removal'])
    it(`puts it back with the link of the mail, after a ${kind}: app, passkey and codes are as they were`, async () => {
      await take(kind);
      const path = await link();
      const before = await now();
      const page = await portal.browser().open(path);
      assert.match(page.text, /Put your second factor back\?/);
      assert.equal((await now()).epoch, before.epoch, 'To look changes nothing.');
      const done = await undo(path);
      assert.match(done.location, /^\/login/);
      await opensWithAll();
      assert.equal((await logged(portal, 'acme', 'two-factor.put-back')).length, 1);
      assert.match((await portal.inbox.newestTo('adam@acme.example')).text, /Petra.*has put back the second factor/s);
      assert.equal((await portal.browser().get(path)).status, 410, 'Once.');
    });

  it('puts back all but a passkey whose id somebody else has registered since, who could have read it off a page', async () => {
    const stolen = await Passkey.findOne({ where: { userId: peer.user.id }, rejectOnEmpty: true });
    await take('passkey-removal');
    const values = { ...stolen.get(), id: newId(), userId: portal.idOf('acme/uma') };
    await Passkey.create(values);
    assert.match((await undo(await link())).location, /^\/login/);
    assert.ok(await isSignedIn(await signedInWith(portal, peer.who, peer.phone)));
    assert.deepEqual(
      (await Passkey.findAll({ where: { credentialId: stolen.credentialId } })).map(({ userId }) => userId),
      [values.userId],
    );
  });

  it('has a link for each time: who takes twice has not taken away what was there first', async () => {
    await take('two-factor-reset');
    const first = await link();
    await take('passkey-removal');
    const second = await link();
    assert.notEqual(first, second);
    assert.match((await undo(first)).location, /^\/login/);
    await opensWithAll();
    assert.equal((await portal.browser().get(second)).status, 410, 'Nothing is kept any more.');
  });

  it('goes further back with the earlier mail, also where the newest was taken first', async () => {
    await take('two-factor-reset');
    const first = await link();
    await take('passkey-removal');
    assert.match((await undo(await link())).location, /^\/login/);
    assert.notEqual((await now()).twoFactor, 'active');
    assert.match((await undo(first)).location, /^\/login/);
    await opensWithAll();
  });

  it('is asked for more than the password still, where what is put back proves nothing', async () => {
    await take('passkey-removal');
    await take('two-factor-reset');
    await take('two-factor-reset');
    assert.match((await undo(await link())).location, /^\/login/);
    const thief = portal.browser();
    const shown = await thief.follow(await thief.tryToSignIn(peer.who, PASSWORD));
    assert.equal(shown.path, SETUP);
    assert.doesNotMatch(shown.html, /data-secret|otpauth/);
  });

  it('ends the sessions there are, and revokes what was made for programs since, also where no password was set', async () => {
    const { secret: older } = await tokenFor(portal, peer.who);
    const { thief, undoing } = await intruded();
    const phone = new Phone(portal.clock).scan(await thief.open(SETUP));
    await thief.submit(SETUP, SETUP, { code: phone.code() });
    const inside = await signedInWith(portal, peer.who, phone);
    const { secret: newer } = await tokenFor(portal, peer.who);
    assert.ok(await isSignedIn(inside), 'There is a session.');
    assert.deepEqual([await verdictOn(portal, older), await verdictOn(portal, newer)], ['200', '200']);
    assert.equal((await undo(undoing)).status, 303);
    assert.ok(!(await now()).mustChangePassword, 'Nothing else is in its way.');
    assert.ok(!(await isSignedIn(inside)));
    assert.equal(await Session.count({ where: { userId: peer.user.id, endedAt: null } }), 0, 'By its own row.');
    assert.deepEqual([await verdictOn(portal, older), await verdictOn(portal, newer)], ['200', '401 token_revoked']);
  });

  it('ends what was set up since, with its sessions; a password set since opens nothing, and a link for a new one is mailed', async () => {
    const { thief, undoing } = await intruded();
    const stolen = 'copper-lantern-meadow-57';
    await User.update({ passwordChangedAt: portal.clock.now() }, { where: { id: peer.user.id } });
    const phone = new Phone(portal.clock).scan(await thief.open(SETUP));
    await thief.submit(SETUP, SETUP, { code: phone.code() });
    assert.equal((await now()).twoFactor, 'active');
    const inside = await signedInWith(portal, peer.who, phone);
    assert.ok(await isSignedIn(inside), 'There is a session.');
    await addPasskey(inside, peer.key);
    assert.equal((await undo(undoing)).status, 303);
    assert.ok(!(await isSignedIn(inside)));
    for (const password of [PASSWORD, stolen])
      assert.equal((await portal.browser().tryToSignIn(peer.who, password)).status, 422);
    const reset = await portal.inbox.linkTo(peer.user.email, '/password/reset/');
    const fields = { newPassword: stolen, confirmPassword: stolen };
    const owner = portal.browser();
    await owner.submit(reset, reset, fields);
    await owner.signIn(peer.who, stolen);
    const code = { code: phone.nextCode() };
    assert.equal((await owner.submit('/login/two-factor', '/login/two-factor', code)).status, 422);
  });

  it('mails no link for a new password to an address that came since, and tells both', async () => {
    const before = (await now()).email;
    const { thief, undoing } = await intruded();
    const stolen = { newPassword: 'copper-lantern-meadow-57', confirmPassword: 'copper-lantern-meadow-57' };
    assert.equal((await thief.submit('/login/password', '/login/password', stolen)).status, 303);
    const phone = new Phone(portal.clock).scan(await thief.open(SETUP));
    await thief.submit(SETUP, SETUP, { code: phone.code() });
    const inside = portal.browser();
    await inside.signIn(peer.who, stolen.newPassword);
    const code = { code: phone.nextCode() };
    await inside.submit('/login/two-factor', '/login/two-factor', code);
    const theirs = 'thief@elsewhere.example';
    await inside.submit('/profile', '/profile', { email: theirs });
    const confirming = await portal.inbox.linkTo(theirs, '/email/confirm/');
    await portal.browser().submit(confirming, confirming);
    assert.equal((await now()).email, theirs);

    assert.match((await portal.browser().open(undoing)).text, /an administrator has to send you the link/);
    const done = portal.browser();
    const answer = await done.follow(await done.submit(undoing, undoing));
    assert.match(answer.flash, /an administrator has to send you the link/);
    assert.equal((await now()).passwordHash, null);
    await done.submit('/password/forgot', '/password/forgot', { organization: 'acme', username: theirs });
    for (const address of [before, theirs]) {
      const mails = await portal.inbox.mailsTo(address);
      assert.ok(
        mails.some(({ text }) => /was put back.*an administrator has to look/s.test(text)),
        address,
      );
      assert.ok(!mails.some(({ text }) => text.includes('/password/reset/')), address);
    }
    const told = await portal.inbox.newestTo('adam@acme.example');
    assert.match(told.text, /an administrator has to look whose it is/);
  });

  it('has three days for it, and then nothing of it is kept', async () => {
    await take('two-factor-removal');
    const path = await link();
    const [kept] = await KeptFactor.findAll();
    assert.doesNotMatch(kept?.sealedFactors ?? '', /twoFactor|passkeys/);
    portal.clock.move(71 * HOUR);
    await purge(portal.services);
    assert.equal(await KeptFactor.count(), 1);
    assert.equal((await portal.browser().get(path)).status, 200);
    portal.clock.move(HOUR);
    assert.equal((await portal.browser().get(path)).status, 410);
    await purge(portal.services);
    assert.equal(await KeptFactor.count(), 0);
  });

  it('puts it back once, of twenty who press at the same moment', async () => {
    await take('two-factor-reset');
    const path = await link();
    const browsers = Array.from({ length: 20 }, () => portal.browser());
    const forms = await Promise.all(browsers.map(async (one) => (await one.open(path)).form(path)));
    const answers = await Promise.all(browsers.map((one, n) => one.post(path, forms[n] ?? {})));
    assert.equal(answers.filter(({ status }) => status === 303).length, 1);
    assert.equal((await logged(portal, 'acme', 'two-factor.put-back')).length, 1);
  });
});

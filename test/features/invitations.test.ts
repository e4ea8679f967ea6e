import assert from 'node:assert/strict';
import { inTransaction } from '#models/transaction.js';
import { Link } from '#models/link.js';
import { Session } from '#models/session.js';
import { User } from '#models/user.js';
import { sendInvitation } from '#server/identity/invitation-link.js';
import { DAY } from '#server/lib/clock.js';
import { contextIn, invite, logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

const NEW = 'quiet-lantern-orchard-57';
const both = (password: string) => ({ newPassword: password, confirmPassword: password });

describe('An invitation', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  it('leads a new user to a page on which they set a first password, and then sign in', async () => {
    const path = await invite(portal, 'acme/iris');
    const mail = await portal.inbox.newestTo('iris@acme.example');
    assert.match(mail.subject, /^.+ invites you to Acme$/);
    assert.match(mail.text, /Organisation: +acme\s+Username: +iris/);
    assert.equal((await portal.browser().tryToSignIn('acme/iris', PASSWORD)).status, 422);
    const browser = portal.browser();
    const page = await browser.open(path);
    assert.equal(page.heading, 'Welcome, Iris Ivanova');
    assert.match(page.text, /iris/);
    assert.match(page.text, /At least 15 characters/);
    const answer = await browser.post(path, { ...page.form(path), ...both(NEW) });
    assert.equal(answer.status, 303);
    assert.equal(answer.location, '/login?organization=acme');
    const signIn = await browser.follow(answer);
    assert.match(signIn.flash, /password is set/i);
    assert.deepEqual([signIn.valueOf('organization'), signIn.valueOf('username')], ['acme', 'iris']);
    assert.equal(await Session.count(), 0, 'nobody is signed in by it');
    const signedIn = await browser.follow(await browser.signIn('acme/iris', NEW));
    assert.equal(signedIn.heading, 'Security');
    await browser.submit('/security', '/logout');
    assert.equal((await browser.get('/login')).valueOf('username'), '', 'The name is not left for who comes next.');
    const user = await User.findOne({ where: { username: 'iris' }, rejectOnEmpty: true });
    assert.equal(user.status, 'active');
    const [event] = await logged(portal, 'acme', 'invitation.accepted');
    assert.equal(event?.['target_id'], user.id);
    assert.equal((await logged(portal, 'acme', 'invitation.sent')).length, 1);
  });

  it('can be looked at any number of times, and a refused password does not use it up', async () => {
    const path = await invite(portal, 'acme/iris');
    const browser = portal.browser();
    for (let look = 0; look < 3; look += 1) assert.equal((await browser.get(path)).status, 200);
    for (const password of ['short', 'iris-iris-iris-iris', 'passwordpassword']) {
      const answer = await browser.submit(path, path, both(password));
      assert.equal(answer.status, 422, password);
      assert.notEqual(answer.errorOf('newPassword'), '');
    }
    assert.equal((await browser.submit(path, path, both(NEW))).status, 303);
  });

  it('works once, also when it is sent several times at the same moment', async () => {
    const path = await invite(portal, 'acme/iris');
    const browser = portal.browser();
    const _csrf = await browser.csrf(path);
    const answers = await Promise.all(
      [0, 1, 2].map((number) => browser.post(path, { _csrf, ...both(`${NEW}-${number}`) })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 410, 410]);
    const again = await browser.get(path);
    assert.equal(again.status, 410);
    assert.equal(again.heading, 'This invitation no longer works');
  });

  it('is dead after 7 days, once a newer one was sent, and once the user was disabled', async () => {
    const first = await invite(portal, 'acme/iris');
    portal.clock.move(7 * DAY - 5000);
    assert.equal((await portal.browser().get(first)).status, 200);
    const user = await User.findOne({ where: { username: 'iris' }, rejectOnEmpty: true });
    const context = await contextIn(portal, 'acme');
    await inTransaction(() => sendInvitation(context, user));
    const second = await portal.inbox.linkTo('iris@acme.example', '/invitations/');
    assert.equal((await portal.browser().get(first)).status, 410);
    assert.equal((await portal.browser().get(second)).status, 200);
    await User.update({ status: 'disabled' }, { where: { id: user.id } });
    const browser = portal.browser();
    assert.equal((await browser.get(second)).status, 410);
    await User.update({ status: 'invited' }, { where: { id: user.id } });
    portal.clock.move(7 * DAY + 1000);
    assert.equal((await browser.get(second)).status, 410);
  });

  it('is sent only to who waits for one, in the organisation of who sends it', async () => {
    const context = await contextIn(portal, 'acme');
    for (const who of ['acme/uma', 'acme/robo', 'globex/gina']) {
      const user = await User.findByPk(portal.idOf(who), { rejectOnEmpty: true });
      await assert.rejects(
        () => inTransaction(() => sendInvitation(context, user)),
        { name: /Conflict|NotFound/ },
        who,
      );
    }
    assert.equal(await Link.count(), 0);
  });

  it('tells nothing to who guesses, and makes them wait', async () => {
    const browser = portal.browser();
    const page = await browser.get('/invitations/guess');
    assert.equal(page.status, 404);
    const _csrf = await browser.csrf('/login');
    for (let guess = 1; guess < 10; guess += 1) {
      assert.equal((await browser.post(`/invitations/guess-${guess}`, { _csrf, ...both(NEW) })).status, 404);
    }
    assert.equal((await browser.get('/invitations/guess-10')).status, 429);
  });
});

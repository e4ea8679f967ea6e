import assert from 'node:assert/strict';
import { Op } from 'sequelize';
import { inTransaction } from '#models/transaction.js';
import { Link } from '#models/link.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { sendResetLink } from '#server/identity/reset-link.js';
import { MINUTE } from '#server/lib/clock.js';
import { hashToken } from '#server/lib/random-token.js';
import { contextIn, invite, logged, mailResetLink } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

const NEW = 'quiet-lantern-orchard-57';
const both = (password: string) => ({ newPassword: password, confirmPassword: password });

describe('A link for a forgotten password', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  it('opens a page with the rules, on which a user sets a new password and then signs in with it', async () => {
    const path = await mailResetLink(portal, 'acme/uma');
    const browser = portal.browser();
    const page = await browser.open(path);
    assert.equal(page.status, 200);
    assert.match(page.text, /At least 15 characters/);
    const answer = await browser.post(path, { ...page.form(path), ...both(NEW) });
    assert.equal(answer.status, 303);
    assert.equal(answer.location, '/login?organization=acme');
    const login = await browser.follow(answer);
    assert.equal(login.heading, 'Sign in', 'nobody is signed in by a reset');
    assert.match(login.flash, /new password is set/);
    assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).status, 422);
    await browser.signIn('acme/uma', NEW);
    assert.match((await portal.inbox.newestTo('uma@acme.example')).subject, /password/i);
    const [event] = await logged(portal, 'acme', 'password.reset');
    assert.equal(event?.['target_id'], portal.idOf('acme/uma'));
    assert.equal(event['actor_id'], portal.idOf('acme/uma'));
  });

  it('is not used up by being looked at, nor by a password that is refused', async () => {
    const path = await mailResetLink(portal, 'acme/uma');
    const browser = portal.browser();
    for (let look = 0; look < 3; look += 1) assert.equal((await browser.get(path)).status, 200);
    const short = await browser.submit(path, path, both('too-short'));
    assert.equal(short.status, 422);
    assert.match(short.errorOf('newPassword'), /15 characters/);
    const twice = await browser.submit(path, path, { newPassword: 'too-short', confirmPassword: 'too-shirt' });
    assert.match(twice.errorOf('newPassword'), /15 characters/);
    assert.match(twice.errorOf('confirmPassword'), /differ/);
    const unlike = await browser.submit(path, path, { newPassword: NEW, confirmPassword: `${NEW}x` });
    assert.match(unlike.errorOf('confirmPassword'), /differ/);
    assert.equal(
      (await browser.post(path, { _csrf: unlike.valueOf('_csrf'), newPassword: [NEW, NEW], confirmPassword: NEW }))
        .status,
      422,
    );
    assert.equal((await browser.submit(path, path, both(NEW))).status, 303);
  });

  it('works once: of many posts at the same moment exactly one succeeds, and the page then says what to do', async () => {
    const path = await mailResetLink(portal, 'acme/uma');
    const browser = portal.browser();
    const _csrf = await browser.csrf(path);
    const tries = [0, 1, 2, 3].map((number) => browser.post(path, { _csrf, ...both(`${NEW}-${number}`) }));
    const answers = await Promise.all(tries);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 410, 410, 410]);
    assert.equal((await logged(portal, 'acme', 'password.reset')).length, 1);
    const again = await browser.get(path);
    assert.equal(again.status, 410);
    assert.equal(again.heading, 'This link no longer works');
    assert.ok(again.links().includes('/password/forgot'));
  });

  it('ends every session of the user at once, and nobody else’s', async () => {
    const path = await mailResetLink(portal, 'acme/uma');
    const uma = [await portal.signedIn('acme/uma'), await portal.signedIn('acme/uma')];
    const umar = await portal.signedIn('acme/umar');
    assert.equal((await uma[0]!.submit(path, path, both(NEW))).status, 303);
    for (const browser of uma) assert.match((await browser.get('/security')).location, /^\/login/);
    assert.equal((await umar.get('/security')).status, 200);
  });

  it('lifts the lock after failed sign-ins', async () => {
    const browser = portal.browser();
    for (let fail = 0; fail < 5; fail += 1) await browser.tryToSignIn('acme/uma', 'wrong-wrong-wrong');
    assert.equal((await browser.tryToSignIn('acme/uma', PASSWORD)).status, 422);
    const path = await mailResetLink(portal, 'acme/uma');
    assert.equal((await browser.submit(path, path, both(NEW))).status, 303);
    await browser.signIn('acme/uma', NEW);
  });

  it('is dead after 30 minutes, and alive a moment before', async () => {
    const path = await mailResetLink(portal, 'acme/uma');
    portal.clock.move(30 * MINUTE - 5000);
    assert.equal((await portal.browser().get(path)).status, 200);
    portal.clock.move(6000);
    assert.equal((await portal.browser().get(path)).status, 410);
  });

  it('is dead once there is a newer one, once the password was changed, and once it was never made', async () => {
    const first = await mailResetLink(portal, 'acme/uma');
    const second = await mailResetLink(portal, 'acme/uma');
    assert.notEqual(first, second);
    assert.equal((await portal.browser().get(first)).status, 410);
    assert.equal((await portal.browser().get(second)).status, 200);
    const uma = await portal.signedIn('acme/uma');
    await uma.submit('/security', '/security/password', { currentPassword: PASSWORD, ...both(NEW) });
    assert.equal((await portal.browser().get(second)).status, 410);
    assert.equal((await portal.browser().get(`/password/reset/${'A'.repeat(43)}`)).status, 404);
    assert.equal((await portal.browser().get(`/password/reset/${hashToken(second.split('/').at(-1)!)}`)).status, 404);
  });

  it('is dead once the user is disabled or the organisation suspended, also for who has the page open', async () => {
    const path = await mailResetLink(portal, 'acme/uma');
    const browser = portal.browser();
    const fields = { ...(await browser.open(path)).form(path), ...both(NEW) };
    const where = { id: portal.idOf('acme/uma') };
    await User.update({ status: 'disabled' }, { where });
    assert.equal((await browser.post(path, fields)).status, 410);
    await User.update({ status: 'active' }, { where });
    await Tenant.update({ status: 'suspended' }, { where: { slug: 'acme' } });
    assert.equal((await browser.post(path, fields)).status, 410);
    await Tenant.update({ status: 'active' }, { where: { slug: 'acme' } });
    await User.increment('epoch', { where });
    assert.equal((await browser.post(path, fields)).status, 410, 'an epoch that has moved voids every link');
    await User.decrement('epoch', { where });
    assert.equal((await browser.post(path, fields)).status, 303);
  });

  it('is no invitation, and an invitation is no link for a new password', async () => {
    const reset = await mailResetLink(portal, 'acme/uma');
    const invitation = await invite(portal, 'acme/iris');
    const tokenOf = (path: string) => path.split('/').at(-1)!;
    for (const path of [
      `/invitations/${tokenOf(reset)}`,
      `/email/confirm/${tokenOf(reset)}`,
      `/password/reset/${tokenOf(invitation)}`,
    ]) {
      assert.equal((await portal.browser().get(path)).status, 404, path);
    }
  });

  it('keeps the policy’s history, and lets nobody keep a password that is marked outdated', async () => {
    const { tenant } = await contextIn(portal, 'acme');
    const where = { id: portal.idOf('acme/uma') };
    await User.update({ mustChangePassword: true }, { where });
    const path = await mailResetLink(portal, 'acme/uma');
    const kept = await portal.browser().submit(path, path, both(PASSWORD));
    assert.match(kept.errorOf('newPassword'), /present password/);
    await User.update({ mustChangePassword: false }, { where });
    await SecurityPolicy.update({ history: 3, minAgeHours: 24 }, { where: { tenantId: tenant.id } });
    const used = await portal.browser().submit(path, path, both(PASSWORD));
    assert.equal(used.status, 422);
    const young = await portal.browser().submit(path, path, both(NEW));
    assert.equal(young.status, 303, 'the least age of a password is no reason to refuse who has forgotten it');
  });

  it('stands nowhere in the clear: not in the database, not in the log of the process', async () => {
    const path = await mailResetLink(portal, 'acme/uma');
    const token = path.split('/').at(-1)!;
    await portal.browser().get(path);
    await portal.browser().get(path.replace('password/reset', 'Password/RESET'));
    await portal.browser().submit(path, path, both(NEW));
    assert.ok(portal.logLines.some((line) => line.includes('/password/reset/…')));
    assert.ok(!portal.logLines.some((line) => line.includes(token)));
    const link = await Link.findOne({
      where: { kind: 'password-reset', usedAt: { [Op.ne]: null } },
      rejectOnEmpty: true,
    });
    assert.equal(link.tokenHash, hashToken(token));
    assert.ok(!JSON.stringify(link).includes(token));
    const rows = await portal.database.read('SELECT details FROM security_events', []);
    assert.ok(!JSON.stringify(rows).includes(token));
    const mails = await portal.database.read('SELECT * FROM outbox_messages', []);
    assert.ok(!JSON.stringify(mails).includes(token));
  });

  it('makes a guesser of links wait', async () => {
    const browser = portal.browser();
    for (let guess = 0; guess < 10; guess += 1)
      assert.equal((await browser.get(`/password/reset/guess-${guess}`)).status, 404);
    const answer = await browser.get('/password/reset/guess-10');
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.headers['retry-after']) > 0);
  });

  it('is mailed to nobody of another organisation, nor to who has no password to set anew', async () => {
    const acme = await contextIn(portal, 'acme');
    const refused = async (id: string) => {
      const user = await User.findByPk(id, { rejectOnEmpty: true });
      await assert.rejects(() => inTransaction(() => sendResetLink(acme, user)), { name: /NotFound|Conflict/ });
    };
    await refused(portal.idOf('globex/gina'));
    await refused(portal.idOf('acme/robo'));
    await User.update({ status: 'disabled' }, { where: { id: portal.idOf('acme/uma') } });
    await refused(portal.idOf('acme/uma'));
    assert.equal(await Link.count(), 0);
  });

  it('can be asked for by two admins at once; the last of the two links works', async () => {
    const acme = await contextIn(portal, 'acme');
    const uma = await User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });
    await Promise.all([0, 1, 2, 3].map(() => inTransaction(() => sendResetLink(acme, uma))));
    assert.equal(await Link.count({ where: { usedAt: null } }), 1);
  });

  it('is either used or replaced by a newer one, when both happen at the same moment', async () => {
    const acme = await contextIn(portal, 'acme');
    const uma = await User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });
    const path = await mailResetLink(portal, 'acme/uma');
    const browser = portal.browser();
    const fields = { ...(await browser.open(path)).form(path), ...both(NEW) };
    const send = (): Promise<void> => inTransaction(() => sendResetLink(acme, uma));
    const [answer] = await Promise.all([browser.post(path, fields), ...Array.from({ length: 8 }, send)]);
    assert.ok([303, 410].includes(answer.status), String(answer.status));
    assert.ok((await Link.count({ where: { usedAt: null } })) <= 1);
  });
});

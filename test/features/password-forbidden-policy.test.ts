import assert from 'node:assert/strict';
import { PolicyEntry } from '#models/policy-entry.js';
import { ScheduledPolicy } from '#models/scheduled-policy.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { inTransaction } from '#models/transaction.js';
import { sendInvitation } from '#server/identity/invitation-link.js';
import { noticeComingChanges } from '#server/jobs/policy-notices.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { contextIn, invite } from '../support/links.js';
import { NEW_PASSKEY, forbidPasswords, givePasskeys, withPasskey } from '../support/passkeys.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import { setPolicy } from '../support/second-factor.js';
import { userCalled } from '../support/users.js';

const PATH = '/admin/security-policy';
const FORBIDDEN = { passwordSignIn: 'forbidden' };
const DAY = 86_400_000;

describe('To let passwords open nothing', () => {
  let portal: Portal;
  let olivia: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
  });
  afterEach(() => portal.close());

  const send = async (to: string, fields: Fields): Promise<Page> =>
    olivia.post(to, { ...(await olivia.open(PATH)).form(PATH), ...fields });
  const now = async (): Promise<SecurityPolicy> =>
    SecurityPolicy.of((await userCalled(portal, 'acme/olivia')).tenantId);

  it('is refused while passkeys do not stand instead of them, by page and API', async () => {
    const program = await programOf(portal, 'acme/olivia');
    for (const passkeys of ['off', 'second-factor']) {
      const page = await send(PATH, { ...FORBIDDEN, passkeys });
      assert.equal(page.status, 422);
      assert.match(page.alert, /Nobody could sign in/);
      const answer = await program.put('/security-policy', { ...FORBIDDEN, passkeys });
      assert.equal(answer.status, 422);
      assert.deepEqual(
        (answer.body['errors'] as { field: string }[]).map(({ field }) => field),
        ['passwordSignIn'],
      );
    }
    await setPolicy(portal, 'acme', FORBIDDEN as { passwordSignIn: 'forbidden' });
    assert.equal((await program.put('/security-policy', { passkeys: 'off' })).status, 422);
  });

  it('says before it is saved whom it hits, by when, and that you are one of them', async () => {
    const began = portal.clock.now();
    await givePasskeys(portal, await userCalled(portal, 'acme/adam'));
    await withPasskey(portal, 'acme/audrey');
    const page = await send(`${PATH}/preview`, { ...FORBIDDEN, graceDays: '7' });
    assert.match(page.text, /3 people have neither two passkeys that sign in alone, nor one and recovery codes\./);
    assert.match(page.text, /Until .* their password leads to the page that adds one.* Olivia Okafor, Uma Ndiaye/);
    assert.doesNotMatch(page.text, /Audrey|Adam A/);
    assert.match(page.text, /You are one of them You have neither two passkeys/);
    assert.equal((await olivia.post(PATH, page.form(PATH))).status, 303, 'What was reviewed is what is saved.');
    assert.equal((await olivia.get('/admin')).location, NEW_PASSKEY);
    const { passwordSignIn, passwordForbiddenSince, graceDays } = await now();
    assert.deepEqual([passwordSignIn, graceDays], ['forbidden', 7]);
    assert.ok(passwordForbiddenSince > began && passwordForbiddenSince <= portal.clock.now());
  });

  it('says by API whom it hits, by when', async () => {
    const program = await programOf(portal, 'acme/olivia');
    const { body } = await program.post('/security-policy/preview', { ...FORBIDDEN, graceDays: 7 });
    const effects = body['effects'] as {
      peopleToAddPasskeys: number;
      passkeysBy: string;
      first: { peopleToAddPasskeys: { username: string }[] };
    };
    assert.equal(effects.peopleToAddPasskeys, 5);
    const since = Date.parse(effects.passkeysBy) - 7 * DAY;
    assert.ok(since > portal.clock.now() - DAY && since <= portal.clock.now());
    assert.deepEqual(
      effects.first.peopleToAddPasskeys.map(({ username }) => username),
      ['adam', 'audrey', 'olivia', 'uma', 'umar'],
    );
  });

  it('tells who has enough, and is signed in without, that a passkey is asked for', async () => {
    await givePasskeys(portal, await userCalled(portal, 'acme/olivia'));
    assert.match((await send(`${PATH}/preview`, FORBIDDEN)).text, /You are signed in without a passkey/);
  });

  it('warns where no days of grace are left to add one', async () => {
    const page = await send(`${PATH}/preview`, { ...FORBIDDEN, graceDays: '0' });
    assert.match(page.text, /their password leads nowhere from then on: who is not signed in needs an access pass/);
    assert.match(page.text, /Do so before you sign out: your password does not let you in again/);
    await olivia.post(PATH, page.form(PATH));
    assert.equal((await olivia.open(NEW_PASSKEY)).status, 200);
    assert.equal((await portal.browser().tryToSignIn('acme/olivia', PASSWORD)).status, 422);
  });

  it('stands in the history, from which it can be taken back', async () => {
    await send(PATH, FORBIDDEN);
    const entry = await PolicyEntry.findOne({ order: [['changedAt', 'DESC']], rejectOnEmpty: true });
    assert.deepEqual(JSON.parse(entry.differences), [{ field: 'passwordSignIn', from: 'allowed', to: 'forbidden' }]);
    const program = await programOf(portal, 'acme/olivia');
    const page = await program.get(`/security-policy/history`);
    assert.match(page.text, /passwordSignIn/);
  });

  it('mails those who must add passkeys, before it starts', async () => {
    await givePasskeys(portal, await userCalled(portal, 'acme/uma'));
    const program = await programOf(portal, 'acme/olivia');
    const startsAt = new Date(portal.clock.now() + 5 * DAY).toISOString().slice(0, 16);
    assert.equal((await program.put('/security-policy', { ...FORBIDDEN, startsAt: `${startsAt}Z` })).status, 200);
    assert.equal(await ScheduledPolicy.count(), 1);
    await noticeComingChanges(portal.services);
    const told = async (email: string): Promise<boolean> =>
      (await portal.inbox.mailsTo(email)).some(({ text }) => text.includes('add a passkey, because passwords will'));
    assert.equal(await told('umar@acme.example'), true);
    assert.equal(await told('uma@acme.example'), false);
  });

  it('counts the days of somebody new from their first', async () => {
    await forbidPasswords(portal, 7);
    portal.clock.move(30 * DAY);
    const umar = await userCalled(portal, 'acme/umar');
    assert.equal((await portal.browser().tryToSignIn('acme/umar', PASSWORD)).status, 422);
    await umar.update({ joinedAt: portal.clock.now() - 6 * DAY });
    assert.equal((await (await portal.signedIn('acme/umar')).get('/security')).location, NEW_PASSKEY);
  });

  it('and of somebody who accepts an invitation late from that day, at both doors of a sign-in', async () => {
    await forbidPasswords(portal, 7);
    const context = await contextIn(portal, 'acme');
    await invite(portal, 'acme/iris');
    portal.clock.move(20 * DAY);
    const iris = await userCalled(portal, 'acme/iris');
    await inTransaction(() => sendInvitation({ ...context, now: portal.clock.now() }, iris));
    const path = await portal.inbox.linkTo(iris.email, '/invitations/');
    const NEW = { newPassword: 'quiet-lantern-orchard-57', confirmPassword: 'quiet-lantern-orchard-57' };
    assert.equal((await portal.browser().submit(path, path, NEW)).status, 303);
    for (const [days, reach] of [
      [0, NEW_PASSKEY],
      [6, NEW_PASSKEY],
      [2, '/login?next=%2Fsecurity'],
    ] as const) {
      portal.clock.move(days * DAY);
      const browser = portal.browser();
      await browser.tryToSignIn('acme/iris', NEW.newPassword);
      assert.equal((await browser.get('/security')).location, reach, `after ${days} days more`);
    }
  });
});

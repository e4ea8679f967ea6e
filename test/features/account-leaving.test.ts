import assert from 'node:assert/strict';
import { OutboxMessage } from '#models/outbox-message.js';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import { UserRole } from '#models/user-role.js';
import { resumeTenant, suspendTenant } from '#server/features/tenants/actions.js';
import { endGrace } from '#server/jobs/account-removals.js';
import { DAY, HOUR } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { giveGrace, leave, stay, WITHDRAWAL } from '../support/leaving.js';
import { contextIn, logged } from '../support/links.js';
import { verdictOn } from '../support/log.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { bearer, freshSshKey, programOf, tokenFor } from '../support/programs.js';
import { addSomebody, pageOf, userCalled } from '../support/users.js';

describe('Deleting one’s own account, where the organisation gives days of grace', () => {
  let portal: Portal;
  let count = 0;
  before(async () => {
    portal = await startPortal();
    await giveGrace(10);
  });
  after(() => portal.close());

  /** Somebody of Acme who is there for this one promise. */
  async function somebody(
    key: 'user' | 'owner' = 'user',
  ): Promise<{ who: string; username: string; user: User; browser: Browser }> {
    const username = `leaver${(count += 1)}`;
    const who = `acme/${username}`;
    const user = await addSomebody(portal, who, key);
    return { who, username, user, browser: await portal.signedIn(who) };
  }
  const isThere = async ({ id }: User): Promise<boolean> => (await User.count({ where: { id } })) === 1;
  const subjectsTo = async ({ email }: User): Promise<string[]> =>
    (await portal.inbox.mailsTo(email))
      .map(({ event }) => String(event))
      .filter((event) => event.startsWith('account-re'));

  it('says until when it can be taken back, signs out everywhere, and mails it with a way to object', async () => {
    const { username, user, browser, who } = await somebody();
    const other = await portal.signedIn(who);
    const page = await browser.open('/account/removal');
    assert.match(page.text, /in 10 days; until then you can take it back/);
    assert.match(page.text, /signing in alone does not keep it/);
    const answer = await leave(browser, username);
    assert.match((await browser.follow(answer)).flash, /will be deleted on .*To keep it, sign in before that/);
    assert.match((await other.get('/security')).location, /^\/login/);
    assert.equal(await isThere(user), true);
    const { text } = await portal.inbox.newestTo(user.email);
    assert.match(text, /disavowal\//);
    assert.deepEqual(await subjectsTo(user), ['account-removal-asked']);
    const [event] = (await logged(portal, 'acme', 'account.removal-asked')).filter(
      (row) => row['target_id'] === user.id,
    );
    assert.match(String(event?.['details']), /"days":10/);
  });

  it('then a sign-in shows the date and one button, and nothing else can be reached or done', async () => {
    const { who, username, user, browser } = await somebody();
    await leave(browser, username);
    const again = await portal.signedIn(who);
    for (const path of ['/', '/security', '/profile', '/account/removal', '/confirm', '/login/password'])
      assert.equal((await again.get(path)).location, WITHDRAWAL, path);
    const page = await again.open('/security');
    assert.match(page.heading, /about to be deleted/);
    assert.deepEqual(page.forms().sort(), ['/account/removal/withdrawal', '/logout']);
    const _csrf = page.valueOf('_csrf');
    const profile = { name: 'Else', email: user.email, locale: 'en', timeZone: 'UTC', theme: 'auto' };
    assert.equal((await again.post('/profile', { ...profile, _csrf })).location, WITHDRAWAL);
    assert.equal((await again.post('/security/two-factor/setup', { _csrf })).location, WITHDRAWAL);
    const now = await userCalled(portal, who);
    assert.notEqual(now.removalAt, null, 'Signing in has not taken it back.');
    assert.notEqual(now.name, 'Else');
    assert.equal(now.twoFactor, 'disabled');
  });

  it('its credentials and SSH keys rest meanwhile, and all works again once it is taken back', async () => {
    const { who, username, user, browser } = await somebody();
    await browser.submit('/security/ssh-keys', '/security/ssh-keys', { name: 'Laptop', publicKey: freshSshKey() });
    const { secret } = await tokenFor(portal, who);
    const call = async () => (await bearer(portal, secret).get('/me')).status;
    const reader = await programOf(portal, 'acme/olivia');
    const keys = async () => (await reader.get(`/ssh-keys/acme/${username}`)).text.trim();
    assert.equal(await call(), 200);
    assert.match(await keys(), /^ssh-ed25519/);
    await leave(browser, username);
    assert.equal(await call(), 401);
    assert.equal(await keys(), '');
    const back = await portal.signedIn(who);
    const answer = await stay(back);
    assert.match((await back.follow(answer)).flash, /Your account stays/);
    assert.equal(await call(), 200);
    assert.match(await keys(), /^ssh-ed25519/);
    assert.equal((await back.get('/profile')).status, 200);
    assert.deepEqual(await subjectsTo(user), ['account-removal-asked', 'account-removal-withdrawn']);
    assert.equal((await back.get(WITHDRAWAL)).location, '/', 'There is nothing more to take back.');
    assert.equal((await back.post(WITHDRAWAL, { _csrf: await back.csrf('/security') })).status, 409);
    portal.clock.move(11 * DAY);
    await endGrace(portal.services);
    assert.equal(await isThere(user), true);
  });

  it('administrators see it on the page of the account, in the list and by the API', async () => {
    const { username, user, browser } = await somebody();
    const adam = await portal.signedIn('acme/adam');
    await leave(browser, username);
    const page: Page = await adam.open(pageOf(user.id));
    assert.match(page.text, /Is being deleted/);
    assert.match(page.text, /Is deleted on.*as its owner has asked/);
    assert.match((await adam.open(`/admin/users?q=${username}`)).text, /Is being deleted/);
    assert.match((await adam.open(`${pageOf(user.id)}/why`)).text, /asked for it to be deleted/);
    const { body } = await (await programOf(portal, 'acme/adam')).get(`/users/${user.id}`);
    assert.equal(
      (body as { removalAt: string }).removalAt,
      new Date((await user.reload()).removalAt ?? 0).toISOString(),
    );
  });

  it('goes at the end, with a mail the day before and one that nothing is kept of; the log verifies and names nobody', async () => {
    const { username, user, browser } = await somebody();
    await leave(browser, username);
    portal.clock.move(8 * DAY);
    await endGrace(portal.services);
    assert.deepEqual(await subjectsTo(user), ['account-removal-asked'], 'Not yet the day before.');
    portal.clock.move(DAY + HOUR);
    for (let run = 0; run < 2; run += 1) await endGrace(portal.services);
    assert.deepEqual(await subjectsTo(user), ['account-removal-asked', 'account-removal-near']);
    portal.clock.move(DAY);
    await Promise.all([endGrace(portal.services), endGrace(portal.services)]);
    assert.equal(await isThere(user), false);
    assert.deepEqual((await subjectsTo(user)).slice(2), ['account-removed']);
    assert.equal(await OutboxMessage.count({ where: { recipient: user.email } }), 0);
    const events = (await logged(portal, 'acme', 'account.deleted')).filter((row) => row['target_id'] === user.id);
    assert.equal(events.length, 1, 'Of two at once one does it.');
    const rows = JSON.stringify(await portal.database.read('SELECT * FROM security_events', []));
    assert.ok(!rows.includes(user.email) && !rows.includes(user.name));
    assert.equal((await verdictOn(portal, 'acme')).intact, true);
    assert.equal((await portal.browser().tryToSignIn(`acme/${username}`, PASSWORD)).status, 422);
  });

  it('“This wasn’t me” to the mail about it keeps the account', async () => {
    const { username, user, browser } = await somebody();
    await leave(browser, username);
    const path = await portal.inbox.linkTo(user.email, '/disavowal/');
    assert.equal((await portal.browser().submit(path, path)).status, 303);
    assert.equal((await user.reload()).removalAt, null);
  });

  it('is refused at once to the last owner, also while the other one is on the way out', async () => {
    const { username, browser } = await somebody('owner');
    const olivia = await portal.signedIn('acme/olivia');
    await leave(browser, username);
    assert.match((await olivia.open('/account/removal')).text, /last active owner/);
    const _csrf = await olivia.csrf('/security');
    const answer = await olivia.post('/account/removal', { _csrf, username: 'olivia', password: PASSWORD, code: '' });
    assert.equal(answer.status, 422);
    assert.match(answer.alert, /last active owner/);
    assert.equal((await userCalled(portal, 'acme/olivia')).removalAt, null);
    assert.equal((await olivia.get('/security')).status, 200, 'Nothing has happened.');
  });

  it('is refused at the end where nobody else could look after the organisation then, and all are told', async () => {
    const { who, username, user, browser } = await somebody('owner');
    await leave(browser, username);
    // Whoever was able at the asking is not any more: their account waits for an administrator.
    const { tenant } = await contextIn(portal, 'acme');
    const { id: roleId } = await Role.factory(tenant.id, 'owner');
    const others = (await UserRole.findAll({ where: { tenantId: tenant.id, roleId } })).map(({ userId }) => userId);
    const hashes = await User.findAll({ where: { id: others.filter((id) => id !== user.id) } });
    for (const one of hashes) await User.update({ passwordHash: null }, { where: { id: one.id } });
    portal.clock.move(11 * DAY);
    await endGrace(portal.services);
    for (const one of hashes) await User.update({ passwordHash: one.passwordHash }, { where: { id: one.id } });
    assert.equal(await isThere(user), true);
    assert.equal((await portal.signedIn(who).then((back) => back.get('/security'))).status, 200);
    assert.equal((await subjectsTo(user)).at(-1), 'account-removal-refused');
    assert.equal((await portal.inbox.newestTo('olivia@acme.example')).event, 'account-removal-refused-report');
    const refused = await logged(portal, 'acme', 'account.removal-refused');
    assert.equal(refused.filter((row) => row['target_id'] === user.id).length, 1);
  });

  it('stands still while the organisation is suspended, where nobody can sign in and stay', async () => {
    const { username, user, browser } = await somebody();
    await leave(browser, username);
    const { removalAt } = await userCalled(portal, `acme/${username}`);
    portal.clock.move(4 * DAY);
    const context = await contextIn(portal, 'acme');
    await suspendTenant(context, context.tenant.id);
    portal.clock.move(8 * DAY);
    await endGrace(portal.services);
    assert.equal(await isThere(user), true);
    const later = await contextIn(portal, 'acme');
    await resumeTenant(later, later.tenant.id);
    const moved = ((await userCalled(portal, `acme/${username}`)).removalAt ?? 0) - (removalAt ?? 0);
    assert.ok(moved >= 8 * DAY && moved < 8 * DAY + HOUR, String(moved));
    portal.clock.move(5 * DAY + HOUR);
    await endGrace(portal.services);
    assert.equal((await subjectsTo(user)).at(-1), 'account-removal-near', 'Once more, with the other day.');
    assert.equal(await isThere(user), true);
    portal.clock.move(DAY);
    await endGrace(portal.services);
    assert.equal(await isThere(user), false);
  });

  it('does not happen as the page said it where the organisation has changed its days meanwhile', async () => {
    const { username, user, browser } = await somebody();
    const form = (await browser.open('/account/removal')).form('/account/removal');
    await giveGrace(0);
    const answer = await browser.post('/account/removal', { ...form, username, password: PASSWORD });
    assert.equal(answer.status, 422);
    assert.match(answer.alert, /just changed when accounts go/);
    assert.equal(await isThere(user), true);
    await giveGrace(10);
  });
});

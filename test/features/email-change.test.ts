import assert from 'node:assert/strict';
import { Link } from '#models/link.js';
import { Session } from '#models/session.js';
import { User } from '#models/user.js';
import { findLink, takingLink } from '#server/identity/take-link.js';
import { DAY, HOUR } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { contextIn, logged, mailResetLink } from '../support/links.js';
import { newestDetails } from '../support/log.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

const OLD = 'uma@acme.example';
const NEW = 'uma@new.example';

describe('A new e-mail address', () => {
  let portal: Portal;
  let uma: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  const askFor = (email: string, browser = uma): Promise<Page> => browser.submit('/profile', '/profile', { email });
  const linkTo = (email: string): Promise<string> => portal.inbox.linkTo(email, '/email/confirm/');
  const emailOf = async (who: string): Promise<string> =>
    (await User.findByPk(portal.idOf(who), { rejectOnEmpty: true })).email;

  it('counts only after the link mailed to it was opened and sent; the old address is told both times', async () => {
    const asked = await uma.follow(await askFor(NEW));
    assert.match(asked.flash, /uma@new\.example/);
    assert.match(asked.text, /Waiting for confirmation of uma@new\.example/);
    assert.equal(await emailOf('acme/uma'), OLD);
    const notice = await portal.inbox.newestTo(OLD);
    assert.match(notice.text, /u\*\*\*@n\*\*\*\.example/);
    assert.doesNotMatch(notice.text, /uma@new/);

    const path = await linkTo(NEW);
    const elsewhere = portal.browser();
    const page = await elsewhere.get(path);
    assert.equal(page.status, 200);
    assert.match(page.text, /uma@new\.example/);
    assert.equal(await emailOf('acme/uma'), OLD, 'looking at a link changes nothing');

    const answer = await elsewhere.post(path, page.form(path));
    assert.equal(answer.status, 303);
    assert.match((await elsewhere.follow(answer)).flash, /confirmed/);
    assert.equal(await emailOf('acme/uma'), NEW);
    assert.match((await portal.inbox.newestTo(OLD)).subject, /was changed/);
    assert.match((await uma.get('/security')).location, /^\/login/, 'every session of the user has ended');
    assert.equal(await Session.count({ where: { endedAt: null } }), 0);
    assert.equal(
      (await User.findByPk(portal.idOf('acme/uma')))?.epoch,
      1,
      'a sign-in that is half done is void as well',
    );
    await elsewhere.signIn('acme/uma@new.example', PASSWORD);
    assert.equal((await portal.browser().tryToSignIn(`acme/${OLD}`, PASSWORD)).status, 422);
    assert.equal((await elsewhere.get(path)).status, 410);
  });

  it('stands in the log with both addresses, under a key of the user’s own', async () => {
    await askFor(NEW);
    const path = await linkTo(NEW);
    await uma.submit(path, path);
    for (const name of ['email.change-requested', 'email.changed']) {
      const [event] = await logged(portal, 'acme', name);
      assert.doesNotMatch(String(event?.['details']), /uma|example/);
      assert.deepEqual(await newestDetails(portal, 'acme', name), { email: { from: OLD, to: NEW } });
      assert.equal(event?.['actor_id'], portal.idOf('acme/uma'));
    }
  });

  it('voids every other link of the user, such as one for a new password that went to the old address', async () => {
    const reset = await mailResetLink(portal, 'acme/uma');
    await askFor(NEW);
    const path = await linkTo(NEW);
    await uma.submit(path, path);
    assert.equal((await portal.browser().get(reset)).status, 410);
  });

  it('can be dropped again by the user, after which the link is dead', async () => {
    await askFor(NEW);
    const path = await linkTo(NEW);
    const answer = await uma.submit('/profile', '/profile/email/cancellation');
    const page = await uma.follow(answer);
    assert.match(page.flash, /stays as it is/);
    assert.doesNotMatch(page.text, /Waiting for confirmation/);
    assert.equal((await uma.get(path)).status, 410);
    assert.equal((await logged(portal, 'acme', 'email.change-cancelled')).length, 1);
    const _csrf = page.valueOf('_csrf');
    assert.equal((await uma.post('/profile/email/cancellation', { _csrf })).status, 303, 'nothing to drop is no fault');
    assert.equal((await logged(portal, 'acme', 'email.change-cancelled')).length, 1);
  });

  it('is not confirmed when the user drops it at the same moment', async () => {
    await askFor(NEW);
    const path = await linkTo(NEW);
    const context = await contextIn(portal, 'acme');
    const found = await findLink(context, 'email-change', path.split('/').at(-1)!);
    await uma.submit('/profile', '/profile/email/cancellation');
    await assert.rejects(() => takingLink(context, found, () => Promise.resolve()), { name: 'DeadLink', status: 410 });
  });

  it('gives way to a newer one, ends with a new password, and runs out after a day', async () => {
    await askFor(NEW);
    const first = await linkTo(NEW);
    await askFor('uma@newer.example');
    const second = await linkTo('uma@newer.example');
    assert.equal((await uma.get(first)).status, 410);
    const reset = await mailResetLink(portal, 'acme/uma');
    await uma.submit(reset, reset, {
      newPassword: 'quiet-lantern-orchard-57',
      confirmPassword: 'quiet-lantern-orchard-57',
    });
    assert.equal((await uma.get(second)).status, 410);
    await uma.signIn('acme/uma', 'quiet-lantern-orchard-57');
    await askFor(NEW);
    const third = await linkTo(NEW);
    portal.clock.move(DAY + 1000);
    assert.equal((await portal.browser().get(third)).status, 410);
    assert.equal(await emailOf('acme/uma'), OLD);
  });

  it('is confirmed once, however often it is sent at the same moment', async () => {
    await askFor(NEW);
    const path = await linkTo(NEW);
    const browser = portal.browser();
    const _csrf = await browser.csrf(path);
    const answers = await Promise.all([0, 1, 2].map(() => browser.post(path, { _csrf })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 410, 410]);
    assert.equal((await logged(portal, 'acme', 'email.changed')).length, 1);
  });

  it('is refused when somebody of the organisation has it; then nothing at all is saved', async () => {
    const answer = await uma.submit('/profile', '/profile', { email: 'UMAR@acme.example', name: 'Uma Changed' });
    assert.equal(answer.status, 422);
    assert.match(answer.errorOf('email'), /Another user/);
    assert.equal(answer.valueOf('name'), 'Uma Changed');
    assert.equal((await User.findByPk(portal.idOf('acme/uma')))?.name, 'Uma Ndiaye');
    assert.equal(await Link.count(), 0);
    assert.equal((await portal.inbox.mailsTo('umar@acme.example')).length, 0);
    assert.equal((await askFor('gina@globex.example')).status, 303, 'another organisation is another world');
  });

  it('goes to the first of two who confirm the same one', async () => {
    const umar = await portal.signedIn('acme/umar');
    await askFor('shared@new.example');
    const first = await linkTo('shared@new.example');
    await askFor('shared@new.example', umar);
    const second = await linkTo('shared@new.example');
    assert.notEqual(first, second);
    const browser = portal.browser();
    const _csrf = await browser.csrf(first);
    const answers = await Promise.all([first, second].map((path) => browser.post(path, { _csrf })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 409]);
    assert.equal(await User.count({ where: { emailKey: 'shared@new.example' } }), 1);
  });

  it('asks who signed in a while ago to confirm, and keeps what was typed meanwhile', async () => {
    portal.clock.move(11 * 60_000);
    const asked = await uma.submit('/profile', '/profile', { email: NEW, name: 'Uma Typed' });
    assert.equal(asked.status, 303);
    assert.match(asked.location, /^\/confirm\?/);
    assert.equal(await Link.count(), 0);
    const confirm = await uma.follow(asked);
    const kept = String(confirm.form('/confirm')['kept']);
    const early = await uma.post('/profile', { _csrf: confirm.valueOf('_csrf'), _kept: kept, email: OLD });
    assert.match(early.location, /^\/confirm/, 'what is kept cannot be sent before the confirmation');
    const back = await uma.follow(await uma.post('/confirm', { ...confirm.form('/confirm'), password: PASSWORD }));
    const saved = await uma.follow(await uma.post('/profile', back.form('/profile')));
    assert.match(saved.text, /Waiting for confirmation of uma@new\.example/);
    assert.equal(saved.valueOf('name'), 'Uma Typed');
  });

  it('cannot be used to flood somebody’s mailbox', async () => {
    for (let mail = 0; mail < 5; mail += 1) assert.equal((await askFor('victim@new.example')).status, 303);
    const sixth = await askFor('victim@new.example');
    assert.equal(sixth.status, 422);
    assert.match(sixth.errorOf('email'), /Try again later/);
    assert.equal((await portal.inbox.mailsTo('victim@new.example')).length, 5);
    portal.clock.move(HOUR + 1000);
    const again = await portal.signedIn('acme/uma');
    assert.equal((await askFor('victim@new.example', again)).status, 303);
  });

  it('leads who has a dead link back to the profile, and stands nowhere in the clear', async () => {
    await askFor(NEW);
    const path = await linkTo(NEW);
    const token = path.split('/').at(-1)!;
    await uma.submit(path, path);
    const page = await portal.browser().get(path);
    assert.equal(page.heading, 'This link no longer works');
    assert.ok(page.links().includes('/profile'));
    assert.equal((await portal.browser().get('/email/confirm/guess')).status, 404);
    assert.ok(!portal.logLines.some((line) => line.includes(token)));
    assert.ok(!JSON.stringify(await Link.findAll()).includes(token));
  });
});

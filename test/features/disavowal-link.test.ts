import assert from 'node:assert/strict';
import { Link } from '#models/link.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { hashToken } from '#server/lib/random-token.js';
import type { Browser } from '../support/browser.js';
import { setPasswordWith } from '../support/disavowal.js';
import { logged, mailResetLink } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { beginSetup, codesOn, enrol, halfSignedIn, signedInWith, validate, disable } from '../support/second-factor.js';

const NEW = 'quiet-lantern-orchard-57';
const UMA = 'uma@acme.example';

describe("The link “This wasn't me” of a security mail", () => {
  let portal: Portal;
  let uma: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  const linkTo = (address = UMA): Promise<string> => portal.inbox.linkTo(address, '/disavowal/');
  /** Signs in from a browser that was never used for it: a mail tells the owner. */
  const strangeSignIn = async (): Promise<string> => {
    await portal.signedIn('acme/uma');
    return linkTo();
  };
  const changePassword = (browser: Browser, currentPassword = PASSWORD, newPassword = NEW) =>
    browser.submit('/security', '/security/password', { currentPassword, newPassword, confirmPassword: newPassword });

  it('needs no sign-in, and does nothing when it is only looked at', async () => {
    const path = await strangeSignIn();
    const before = await User.findByPk(portal.idOf('acme/uma'));
    for (let look = 0; look < 3; look += 1) {
      const page = await portal.browser().get(path);
      assert.equal(page.status, 200);
      assert.equal(page.heading, "Wasn't this you?");
      assert.match(page.text, /Signed in.*account uma.*u\*\*\*@a\*\*\*\.example.*administrators of Acme/s);
      assert.ok(!page.html.includes(UMA), 'the address stands there masked');
    }
    assert.deepEqual((await User.findByPk(portal.idOf('acme/uma')))?.get(), before?.get());
    assert.equal((await uma.get('/security')).status, 200);
  });

  it('secures the account when it is taken: sessions end, the password is worth nothing, a link for a new one is mailed', async () => {
    const path = await strangeSignIn();
    const browser = portal.browser();
    const answer = await browser.submit(path, path);
    assert.equal(answer.location, '/login?organization=acme');
    assert.match((await browser.follow(answer)).flash, /secured.*link for a new password/);
    assert.match((await uma.get('/security')).location, /^\/login/);
    assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).status, 422);
    const [event] = await logged(portal, 'acme', 'activity.disavowed');
    assert.equal(event?.['target_id'], portal.idOf('acme/uma'));
    const details = JSON.parse(String(event['details'])) as Record<string, unknown>;
    assert.deepEqual(
      [details['disavowed'], details['via'], details['mailedTo']],
      ['sign-in.succeeded', 'mailed link', 'u***@a***.example'],
    );
    assert.match((await portal.inbox.newestTo('adam@acme.example')).text, /Disavowed: +Signed in \(/);
    assert.equal((await setPasswordWith(portal, await portal.inbox.linkTo(UMA, '/password/reset/'), NEW)).status, 303);
    await portal.signedIn('acme/uma', NEW);
  });

  it('works once: of many posts at the same moment exactly one gets on, and the page then says what to do', async () => {
    const path = await strangeSignIn();
    const browser = portal.browser();
    const _csrf = await browser.csrf(path);
    const answers = await Promise.all([0, 1, 2, 3].map(() => browser.post(path, { _csrf })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 410, 410, 410]);
    assert.equal((await logged(portal, 'acme', 'activity.disavowed')).length, 1);
    assert.equal((await portal.inbox.mailsTo(UMA)).filter(({ subject }) => /is secured/.test(subject)).length, 1);
    const again = await browser.get(path);
    assert.equal(again.status, 410);
    assert.equal(again.heading, 'This link no longer works');
    assert.ok(again.links().includes('/password/forgot'));
  });

  it('cannot be voided by whoever has taken the account over, with whatever they change', async () => {
    const path = await strangeSignIn();
    const stranger = await portal.signedIn('acme/uma');
    await changePassword(stranger);
    await stranger.submit('/security/two-factor', '/security/two-factor/setup');
    await mailResetLink(portal, 'acme/uma');
    assert.ok(((await User.findByPk(portal.idOf('acme/uma')))?.epoch ?? 0) > 0);
    assert.equal((await portal.browser().submit(path, path)).status, 303);
    assert.match((await stranger.get('/security')).location, /^\/login/);
    assert.equal((await portal.browser().tryToSignIn('acme/uma', NEW)).status, 422);
  });

  it('stands in each mail on its own, and one that is taken voids those of the others', async () => {
    const first = await strangeSignIn();
    const second = await strangeSignIn();
    assert.notEqual(first, second);
    for (const path of [first, second]) assert.equal((await portal.browser().get(path)).status, 200);
    await portal.browser().submit(second, second);
    assert.equal((await portal.browser().get(first)).status, 410);
  });

  it('is dead after seven days, and alive a moment before', async () => {
    const path = await strangeSignIn();
    portal.clock.move(7 * DAY - MINUTE);
    assert.equal((await portal.browser().get(path)).status, 200);
    portal.clock.move(2 * MINUTE);
    assert.equal((await portal.browser().get(path)).status, 410);
    const browser = portal.browser();
    assert.equal((await browser.post(path, { _csrf: await browser.csrf() })).status, 410);
    await portal.signedIn('acme/uma');
  });

  it('stands in the mail about every sign-in and change of password, second factor, recovery codes and address', async () => {
    const { phone, codes } = await enrol(portal, 'acme/uma');
    const active = await signedInWith(portal, 'acme/uma', phone);
    await active.submit('/security/two-factor', '/security/recovery-codes');
    const [used = ''] = codesOn(await active.submit('/security/two-factor', '/security/recovery-codes'));
    assert.ok(!codes.includes(used));
    const recovering = await halfSignedIn(portal, 'acme/uma');
    await recovering.submit('/login/recovery', '/login/recovery', { recoveryCode: used });
    await disable(recovering, phone);
    const newPhone = await beginSetup(portal, recovering);
    await validate(recovering, newPhone.nextCode());
    const again = await signedInWith(portal, 'acme/uma', newPhone);
    await again.submit('/security/two-factor', '/security/two-factor/setup');
    await changePassword(again);
    await again.submit('/profile', '/profile', { email: 'uma@new.example' });
    const confirm = await portal.inbox.linkTo('uma@new.example', '/email/confirm/');
    await again.submit(confirm, confirm);
    const mails = await portal.inbox.mailsTo(UMA);
    const told = [
      /New sign-in/,
      /authentication is on/,
      /New recovery codes/,
      /recovery code was used/,
      /authentication is off/,
      /secret/,
      /password .*was changed/,
      /A new e-mail address/,
      /e-mail address .*was changed/,
    ];
    for (const subject of told) {
      const mail = mails.filter((one) => subject.test(one.subject)).at(-1);
      const path = /\/disavowal\/\S+/.exec(mail?.text ?? '')?.[0];
      assert.ok(path && mail?.html.includes(path), String(subject));
      assert.equal((await portal.browser().get(path)).status, 200, String(subject));
    }
  });

  it('needs a form of this portal, and leaves alone whoever else is signed in in that browser', async () => {
    const path = await strangeSignIn();
    const umar = await portal.signedIn('acme/umar');
    assert.equal((await umar.post(path)).status, 403);
    const odd = await umar.post(path, { _csrf: await umar.csrf('/security'), extra: ['1', '2'] });
    assert.equal(odd.status, 422);
    assert.equal((await umar.submit(path, path)).status, 303);
    assert.equal((await umar.get('/security')).status, 200);
    assert.equal((await logged(portal, 'acme', 'activity.disavowed'))[0]?.['target_id'], portal.idOf('acme/uma'));
  });

  it('is dead while the account is disabled or the organisation suspended, and is no link of another kind', async () => {
    const path = await strangeSignIn();
    const token = path.split('/').at(-1) ?? '';
    const where = { id: portal.idOf('acme/uma') };
    await User.update({ status: 'disabled' }, { where });
    assert.equal((await portal.browser().get(path)).status, 410);
    await User.update({ status: 'active' }, { where });
    await Tenant.update({ status: 'suspended' }, { where: { slug: 'acme' } });
    assert.equal((await portal.browser().get(path)).status, 410);
    await Tenant.update({ status: 'active' }, { where: { slug: 'acme' } });
    for (const other of ['/password/reset', '/invitations', '/email/confirm']) {
      assert.equal((await portal.browser().get(`${other}/${token}`)).status, 404, other);
    }
    const reset = (await mailResetLink(portal, 'acme/uma')).split('/').at(-1) ?? '';
    assert.equal((await portal.browser().get(`/disavowal/${reset}`)).status, 404);
    assert.equal((await portal.browser().get(path)).status, 200);
  });

  it('stands nowhere in the clear, and makes a guesser wait', async () => {
    const path = await strangeSignIn();
    const token = path.split('/').at(-1) ?? '';
    await portal.browser().get(path.replace('disavowal', 'Disavowal'));
    await portal.browser().submit(path, path);
    assert.ok(portal.logLines.some((line) => line.includes('/disavowal/…')));
    assert.ok(!portal.logLines.some((line) => line.includes(token)));
    const link = await Link.findOne({ where: { tokenHash: hashToken(token) }, rejectOnEmpty: true });
    assert.equal(link.email, UMA);
    for (const table of ['links', 'outbox_messages', 'security_events']) {
      assert.ok(!JSON.stringify(await portal.database.read(`SELECT * FROM ${table}`, [])).includes(token), table);
    }
    const browser = portal.browser();
    for (let guess = 0; guess < 10; guess += 1)
      assert.equal((await browser.get(`/disavowal/guess-${guess}`)).status, 404);
    assert.equal((await browser.get('/disavowal/guess-10')).status, 429);
  });
});

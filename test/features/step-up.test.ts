import assert from 'node:assert/strict';
import { KeptForm } from '#models/kept-form.js';
import { SecurityEvent } from '#models/security-event.js';
import { User } from '#models/user.js';
import { purge } from '#server/jobs/purge.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { happened } from '../support/log.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { enrol, isSignedIn, setPolicy, signedInWith, codesOn } from '../support/second-factor.js';

const SETUP = '/security/two-factor/setup';
const LATE = 11 * MINUTE;

describe('A sensitive step', () => {
  let portal: Portal;
  let browser: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    browser = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  const stateOf = async (who = 'acme/uma'): Promise<string> =>
    (await User.findByPk(portal.idOf(who), { rejectOnEmpty: true })).twoFactor;
  // Asks for the step, and gives the page that asks for the password.
  const asked = async (fields: Record<string, string> = {}): Promise<Page> => {
    const answer = await browser.submit('/security/two-factor', SETUP, fields);
    assert.match(answer.location, /^\/confirm\?kept=[0-9a-f-]{36}$/);
    return browser.follow(answer);
  };
  const confirmed = async (page: Page): Promise<Page> =>
    browser.follow(await browser.post('/confirm', { ...page.form('/confirm'), password: PASSWORD }));

  it('asks nothing of who signed in less than ten minutes ago', async () => {
    portal.clock.move(9 * MINUTE);
    assert.equal((await browser.submit('/security/two-factor', SETUP)).location, '/security/two-factor');
  });

  it('asks for the password where the clock was ahead at the sign-in, and has been put right', async () => {
    portal.clock.move(-LATE);
    await asked();
  });

  it('asks for the password later, keeps what was sent, and does it only when its sender goes on', async () => {
    portal.clock.move(LATE);
    const page = await asked();
    assert.equal(await stateOf(), 'disabled');
    const kept = await confirmed(page);
    assert.equal(kept.heading, 'Thank you, it is you');
    assert.equal(await stateOf(), 'disabled');
    const done = await browser.post(SETUP, kept.form(SETUP));
    assert.equal(done.location, '/security/two-factor');
    assert.equal(await stateOf(), 'pending');
  });

  it('goes by the minutes of the policy', async () => {
    await setPolicy(portal, 'acme', { stepUpMinutes: 1 });
    portal.clock.move(MINUTE);
    await asked();
  });

  it('leads back to a page that was asked for', async () => {
    await browser.submit('/security/two-factor', SETUP);
    portal.clock.move(LATE);
    const page = await browser.open('/security/two-factor');
    assert.equal(page.heading, 'Confirm that it is you');
    const back = await confirmed(page);
    assert.equal(back.path, '/security/two-factor');
  });

  it('gives the session a new id, and is good for ten minutes more', async () => {
    portal.clock.move(LATE);
    const id = browser.cookies.get('gatehouse');
    assert.equal((await browser.stepUp(PASSWORD)).location, '/security');
    assert.notEqual(browser.cookies.get('gatehouse'), id);
    portal.clock.move(9 * MINUTE);
    assert.equal((await browser.submit('/security/two-factor', SETUP)).location, '/security/two-factor');
  });

  it('leaves the forms good that are open in other tabs', async () => {
    const otherTab = await browser.get('/profile');
    portal.clock.move(LATE);
    await confirmed(await asked());
    const answer = await browser.post('/profile', { ...otherTab.form('/profile'), name: 'Uma of the other tab' });
    assert.equal(answer.status, 303);
    assert.equal((await User.findByPk(portal.idOf('acme/uma')))?.name, 'Uma of the other tab');
  });

  it('is not opened by a wrong password, which locks after five and is told in the log', async () => {
    portal.clock.move(LATE);
    const page = await browser.stepUp('wrong');
    assert.equal(page.status, 422);
    assert.match(page.errorOf('password'), /not your current password/);
    for (let n = 0; n < 4; n += 1) await browser.stepUp('wrong');
    assert.equal((await browser.stepUp(PASSWORD)).status, 429);
    assert.equal(await happened(portal, 'acme', 'step-up.failed'), 5);
    assert.ok(await isSignedIn(browser));
    await asked();
  });

  it('tells the owner once when wrong passwords have locked it, and the link in that mail puts out whoever guesses', async () => {
    portal.clock.move(LATE);
    for (let n = 0; n < 4; n += 1) await browser.stepUp('wrong');
    const ofGuessing = async () =>
      (await portal.inbox.mailsTo('uma@acme.example')).filter(({ subject }) => /Wrong passwords/.test(subject));
    assert.equal((await ofGuessing()).length, 0);
    for (let n = 0; n < 3; n += 1) await browser.stepUp('wrong');
    const [mail, ...more] = await ofGuessing();
    assert.equal(more.length, 0);
    assert.match(mail?.text ?? '', /takes none for 5 minutes/);
    assert.equal(await SecurityEvent.count({ where: { event: 'step-up.locked' } }), 1);
    const link = await portal.inbox.linkTo('uma@acme.example', '/disavowal/');
    assert.equal((await portal.browser().submit(link, link)).status, 303);
    assert.ok(!(await isSignedIn(browser)));
  });

  it('leads nowhere but to this portal', async () => {
    for (const next of [
      '//evil.example',
      'https://evil.example/',
      '/\\evil.example',
      'javascript:alert(1)',
      '/confirm',
      '',
    ]) {
      const answer = await browser.submit('/confirm', '/confirm', { password: PASSWORD, next });
      assert.equal(answer.location, '/', next);
      assert.equal((await browser.get(`/confirm?next=${encodeURIComponent(next)}`)).valueOf('next'), '/', next);
    }
  });

  describe('with two-factor authentication', () => {
    it('asks for a code too, takes it once, and not without the password', async () => {
      const { phone } = await enrol(portal, 'acme/umar');
      browser = await signedInWith(portal, 'acme/umar', phone);
      portal.clock.move(LATE);
      const answer = await browser.get('/security/recovery-codes');
      const form = (await browser.follow(answer)).form('/confirm');
      assert.ok('code' in form);
      // To forget it is no guess, and is not counted as one.
      for (let tries = 0; tries < 11; tries += 1) {
        const { status, alert } = await browser.post('/confirm', { ...form, password: PASSWORD });
        assert.deepEqual([status, /Enter the six digits/.test(alert)], [422, true]);
      }
      assert.notEqual(
        (await browser.post('/confirm', { ...form, password: PASSWORD, code: phone.code(7) })).errorOf('code'),
        '',
      );
      const code = phone.nextCode();
      assert.notEqual((await browser.post('/confirm', { ...form, password: 'wrong', code })).errorOf('password'), '');
      const asked = await browser.follow(await browser.post('/confirm', { ...form, password: PASSWORD, code }));
      assert.equal((await browser.submit('/confirm', '/confirm', { password: PASSWORD, code })).status, 422);
      const done = await browser.post('/security/recovery-codes', asked.form('/security/recovery-codes'));
      assert.equal(codesOn(done).length, 10);
    });
  });

  it('is another password, for who has two-factor authentication: the old one alone does not set it', async () => {
    const { phone } = await enrol(portal, 'acme/umar');
    browser = await signedInWith(portal, 'acme/umar', phone);
    portal.clock.move(LATE);
    const newPassword = 'copper-lantern-meadow-19';
    const fields = { currentPassword: PASSWORD, newPassword, confirmPassword: newPassword };
    const answer = await browser.submit('/security', '/security/password', fields);
    const form = (await browser.follow(answer)).form('/confirm');
    assert.notEqual((await browser.post('/confirm', { ...form, password: PASSWORD })).errorOf('code'), '');
    const code = phone.nextCode();
    const kept = await browser.follow(await browser.post('/confirm', { ...form, password: PASSWORD, code }));
    assert.ok(!kept.html.includes(newPassword));
    const done = await browser.post('/security/password', kept.form('/security/password'));
    assert.match((await browser.follow(done)).flash, /Your password has been changed/);
  });

  describe('whose form is kept', () => {
    it('keeps it sealed', async () => {
      portal.clock.move(LATE);
      await asked({ note: 'plum-pudding' });
      const form = await KeptForm.findOne({ rejectOnEmpty: true });
      assert.ok(!form.sealedFields.includes('plum-pudding'));
      assert.equal(form.path, SETUP);
    });

    it('gives it back once', async () => {
      portal.clock.move(LATE);
      const form = (await confirmed(await asked())).form(SETUP);
      const answers = await Promise.all([1, 2, 3].map(() => browser.post(SETUP, form)));
      assert.deepEqual(new Set(answers.map(({ location }) => location)), new Set(['/security/two-factor']));
      assert.equal(await KeptForm.count(), 0);
      const { _form, ...elsewhere } = form;
      assert.equal((await browser.post(SETUP, elsewhere)).location, '/');
    });

    it('gives it to no other session, not even of the same user', async () => {
      portal.clock.move(LATE);
      const { _kept = '' } = (await confirmed(await asked())).form(SETUP);
      for (const who of ['acme/uma', 'acme/umar']) {
        const other = await portal.signedIn(who);
        const answer = await other.post(SETUP, { _csrf: await other.csrf('/security'), _kept });
        assert.equal(answer.location, '/', who);
        assert.equal((await other.get(`/confirm/kept?id=${_kept as string}`)).location, '/', who);
      }
      assert.equal(await KeptForm.count(), 1);
    });

    it('gives it to no other path', async () => {
      portal.clock.move(LATE);
      const form = (await confirmed(await asked())).form(SETUP);
      const answer = await browser.post('/security/sessions/others/removal', form);
      assert.match((await browser.follow(answer)).flash, /waited too long/);
    });

    it('gives back every field, also to who took long to go on and had to confirm again', async () => {
      portal.clock.move(LATE);
      const answer = await browser.submit('/profile', '/profile', { email: 'uma@new.example', name: 'Uma N.' });
      const kept = await confirmed(await browser.follow(answer));
      portal.clock.move(LATE);
      const page = await confirmed(await browser.follow(await browser.post('/profile', kept.form('/profile'))));
      assert.equal(await KeptForm.count(), 1);
      assert.equal((await browser.post('/profile', page.form('/profile'))).status, 303);
      assert.equal((await User.findByPk(portal.idOf('acme/uma')))?.name, 'Uma N.');
      assert.ok(await portal.inbox.linkTo('uma@new.example', '/email/confirm/'));
    });

    it('forgets it after an hour, and says so', async () => {
      await setPolicy(portal, 'acme', { sessionIdleMinutes: 480, stepUpMinutes: 60 });
      portal.clock.move(HOUR + MINUTE);
      const kept = await confirmed(await asked());
      portal.clock.move(58 * MINUTE);
      assert.equal((await browser.get(`/confirm/kept?id=${String(kept.form(SETUP)['_kept'])}`)).status, 200);
      portal.clock.move(3 * MINUTE);
      await browser.stepUp(PASSWORD);
      const fields = { ...kept.form(SETUP), _csrf: await browser.csrf('/security') };
      assert.match((await browser.follow(await browser.post(SETUP, fields))).flash, /waited too long/);
      assert.equal(await stateOf(), 'disabled');
      await purge(portal.services);
      assert.equal(await KeptForm.count(), 0);
    });
  });
});

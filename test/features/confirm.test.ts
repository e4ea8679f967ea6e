import assert from 'node:assert/strict';
import { KeptForm } from '#models/kept-form.js';
import { Session } from '#models/session.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { MINUTE } from '#server/lib/clock.js';
import { clearCounters } from '../support/database.js';
import { watchHashing } from '../support/hashing.js';
import { hashingPlaces } from '#server/lib/password-hash.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

const OTHERS = '/security/sessions/others/removal';

describe('Confirming that it is still the same person', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  beforeEach(() => clearCounters(portal.database));
  after(() => portal.close());

  it('takes the password, and counts from then on', async () => {
    const browser = await portal.signedIn('acme/uma');
    portal.clock.move(11 * MINUTE);
    const before = await Session.findOne({
      where: { userId: portal.idOf('acme/uma'), endedAt: null },
      rejectOnEmpty: true,
    });
    const page = await browser.get('/confirm?next=%2Fsecurity%2Fsessions');
    assert.ok(page.document.querySelector('input[autocomplete=username][value=uma]'));
    const answer = await browser.post('/confirm', { ...page.form('/confirm'), password: PASSWORD });
    assert.equal(answer.location, '/security/sessions');
    const after = await Session.findByPk(before.id, { rejectOnEmpty: true });
    assert.ok(after.authenticatedAt >= before.authenticatedAt + 11 * MINUTE);
    assert.notEqual(after.sidHash, before.sidHash);
    assert.equal(after.createdAt, before.createdAt, 'It lives no longer for it.');
    assert.equal(
      (await browser.post(OTHERS, { _csrf: await browser.csrf('/security') })).location,
      '/security/sessions',
    );
  });

  it('says what is wrong beside the field, gives nothing back, and tells the log', async () => {
    const browser = await portal.signedIn('acme/uma');
    const rows = (await logged(portal, 'acme', 'step-up.failed')).length;
    const page = await browser.submit('/confirm?next=/profile', '/confirm', { password: 'wrong-4711' });
    assert.equal(page.status, 422);
    assert.match(page.errorOf('password'), /not your current password/);
    assert.equal(page.valueOf('next'), '/profile', 'The way on is kept.');
    assert.ok(!page.html.includes('wrong-4711'));
    assert.equal((await browser.submit('/confirm', '/confirm', {})).errorOf('password'), 'Error: Enter your password.');
    assert.equal((await logged(portal, 'acme', 'step-up.failed')).length, rows + 1);
  });

  it('is closed by five wrong ones for five minutes, in every browser of the user, and signing in is not', async () => {
    const [browser, other] = [await portal.signedIn('acme/uma'), await portal.signedIn('acme/uma')];
    for (let tries = 1; tries <= 5; tries += 1)
      assert.equal((await browser.submit('/confirm', '/confirm', { password: 'wrong' })).status, 422);
    for (const one of [browser, other])
      assert.equal((await one.submit('/confirm', '/confirm', { password: PASSWORD })).status, 429);
    await portal.signedIn('acme/uma');
  });

  it('counts wrong ones from the last right one on', async () => {
    const browser = await portal.signedIn('acme/uma');
    for (let round = 0; round < 3; round += 1) {
      for (let tries = 0; tries < 4; tries += 1)
        assert.equal((await browser.submit('/confirm', '/confirm', { password: 'wrong' })).status, 422);
      assert.equal((await browser.submit('/confirm', '/confirm', { password: PASSWORD })).status, 303);
    }
  });

  it('is not closed by strangers who guess at the account', async () => {
    const browser = await portal.signedIn('acme/uma');
    for (let tries = 1; tries <= 6; tries += 1) {
      await portal.database.sequelize.query(`DELETE FROM throttles WHERE key LIKE 'failures/%'`);
      await portal.browser().tryToSignIn('acme/uma', 'wrong');
    }
    assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).status, 422, 'Strangers are locked out.');
    assert.equal(
      (await browser.submit('/confirm', '/confirm', { password: PASSWORD })).status,
      303,
      'Who is signed in is not.',
    );
  });

  it('cannot be guessed at more often by asking twenty times at once', async () => {
    const browser = await portal.signedIn('acme/umar');
    const form = (await browser.get('/confirm')).form('/confirm');
    const hashing = watchHashing(portal);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => browser.post('/confirm', { ...form, password: 'wrong' })),
    );
    assert.ok(answers.every(({ status }) => status === 422 || status === 429));
    assert.ok(hashing.verified >= 5 && hashing.verified <= 5 + hashingPlaces() - 1, String(hashing.verified));
  });

  it('does not bring back a session that ended meanwhile', async () => {
    const browser = await portal.signedIn('acme/adam');
    const form = (await browser.get('/confirm')).form('/confirm');
    const hashing = watchHashing(portal);
    hashing.before = async () =>
      void (await Session.update({ endedAt: portal.clock.now() }, { where: { userId: portal.idOf('acme/adam') } }));
    const answer = await browser.post('/confirm', { ...form, password: PASSWORD });
    assert.deepEqual([answer.status, answer.location.split('?')[0]], [303, '/login']);
    assert.equal(await Session.count({ where: { userId: portal.idOf('acme/adam'), endedAt: null } }), 0);
  });

  it('keeps the ten newest forms that wait for it, and no more', async () => {
    const browser = await portal.signedIn('acme/olivia');
    const _csrf = await browser.csrf('/security');
    portal.clock.move(11 * MINUTE);
    const kept: string[] = [];
    for (let index = 0; index < 12; index += 1)
      kept.push((await browser.post(OTHERS, { _csrf })).location.split('=')[1] ?? '');
    const rows = await KeptForm.findAll({ where: { userId: portal.idOf('acme/olivia') } });
    assert.deepEqual(rows.map(({ id }) => id).sort(), kept.slice(2).sort());
  });

  it('lasts as long as the policy says', async () => {
    await SecurityPolicy.update({ stepUpMinutes: 3 }, { where: {} });
    const browser = await portal.signedIn('acme/audrey');
    const _csrf = await browser.csrf('/security');
    portal.clock.move(3 * MINUTE - 1000);
    assert.equal((await browser.post(OTHERS, { _csrf })).location, '/security/sessions');
    portal.clock.move(1000);
    assert.match((await browser.post(OTHERS, { _csrf })).location, /^\/confirm/);
  });
});

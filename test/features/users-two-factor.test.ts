import assert from 'node:assert/strict';
import { SecurityEvent } from '#models/security-event.js';
import { User } from '#models/user.js';
import type { Browser, Fields } from '../support/browser.js';
import { newestDetails } from '../support/log.js';
import { enterPass, passOn } from '../support/passes.js';
import { Phone } from '../support/phone.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

describe('An admin and the second factor of somebody else', () => {
  let portal: Portal;
  let adam: Browser;
  let phone: Phone;
  let page: string;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
    phone = await setUp('acme/uma');
    page = `/admin/users/${portal.idOf('acme/uma')}`;
  });
  afterEach(() => portal.close());

  async function setUp(who: string): Promise<Phone> {
    const browser = await portal.signedIn(who);
    const shown = await browser.follow(await browser.submit('/security/two-factor', '/security/two-factor/setup'));
    const one = new Phone(portal.clock).scan(shown);
    const done = await browser.submit('/security/two-factor', '/security/two-factor/confirmation', {
      code: one.code(),
    });
    assert.equal(done.status, 200);
    return one;
  }

  async function signedInWithCode(): Promise<Browser> {
    const browser = portal.browser();
    await browser.signIn('acme/uma', PASSWORD);
    await browser.submit('/login/two-factor', '/login/two-factor', { code: phone.nextCode() });
    assert.equal((await browser.get('/security')).status, 200);
    return browser;
  }

  const withBoxCleared = (form: Fields): Fields =>
    Object.fromEntries(Object.entries(form).filter(([name]) => name !== 'twoFactorActive'));

  const stateOf = async (who: string): Promise<string> =>
    (await User.findByPk(portal.idOf(who), { rejectOnEmpty: true })).twoFactor;

  it('clears “2FA active”, saves with a reason, and the password alone opens the account; its owner is told, its sessions end', async () => {
    const uma = await signedInWithCode();
    const form = (await adam.open(page)).form(page);
    assert.equal(form['twoFactorActive'], 'on');
    assert.equal((await adam.post(page, { ...withBoxCleared(form), reason: 'Lost the phone on a train' })).status, 303);
    assert.equal(await stateOf('acme/uma'), 'disabled');
    assert.match((await uma.get('/security')).location, /^\/login/);
    assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).location, '/');
    const mail = await portal.inbox.mailsTo('uma@acme.example');
    assert.ok(mail.some(({ text }) => text.includes('was disabled') && text.includes('Adam Arslan')));
    const row = await SecurityEvent.findOne({ where: { event: 'two-factor.disabled' }, rejectOnEmpty: true });
    assert.equal(row.actorId, portal.idOf('acme/adam'));
    const { reason } = await newestDetails(portal, 'acme', 'two-factor.disabled');
    assert.equal(reason, 'Lost the phone on a train');
  });

  it('must say why: without a reason nothing at all is changed', async () => {
    const cleared = withBoxCleared((await adam.open(page)).form(page));
    const refused = await adam.post(page, { ...cleared, name: 'Another Name', reason: ' ' });
    assert.equal(refused.status, 422);
    assert.match(refused.alert, /Say why/);
    assert.equal(await stateOf('acme/uma'), 'active');
    assert.equal((await User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true })).name, 'Uma Ndiaye');
    assert.equal((await adam.submit(page, `${page}/two-factor-reset`, { reason: '' })).status, 422);
  });

  it('is told at the reset itself that the reason is missing there, and the form of the account stays as it was', async () => {
    const before = (await adam.open(page)).form(page);
    const refused = await adam.submit(page, `${page}/two-factor-reset`, { reason: '' });
    assert.equal(refused.status, 422);
    const after = { ...refused.form(page), _csrf: before['_csrf'], _form: before['_form'] };
    assert.deepEqual(after, before, 'saved now, it must neither disable anything nor take a role');
    assert.match(refused.errorOf('reset-reason'), /Say why/);
    assert.equal(refused.errorOf('reason'), '');
    assert.ok(refused.links().includes('#field-reset-reason'));
    const long = 'x'.repeat(301);
    const kept = await adam.submit(page, `${page}/two-factor-reset`, { reason: long });
    assert.equal(kept.status, 422);
    assert.equal(kept.form(`${page}/two-factor-reset`)['reason'], long, 'what was typed is kept');
  });

  it('leaves the second factor alone when the rest of the account is saved', async () => {
    assert.equal((await adam.submit(page, page, { name: 'Uma N.' })).status, 303);
    assert.equal(await stateOf('acme/uma'), 'active');
  });

  it('resets the secret: old codes and recovery codes are dead, and a pass made with it shows a new QR code', async () => {
    const uma = await signedInWithCode();
    const done = await adam.submit(page, `${page}/two-factor-reset`, { reason: 'New phone', passMinutes: '60' });
    assert.equal(done.status, 200);
    assert.equal(await stateOf('acme/uma'), 'pending');
    assert.match((await uma.get('/security')).location, /^\/login/);
    const again = portal.browser();
    await enterPass(again, 'acme/uma', passOn(done));
    assert.match((await again.open('/login/two-factor/setup')).html, /data-secret/);
    const old = await again.submit('/login/two-factor/setup', '/login/two-factor/setup', { code: phone.nextCode() });
    assert.equal(old.status, 422);
    const fresh = new Phone(portal.clock).scan(await again.open('/login/two-factor/setup'));
    assert.notEqual(fresh.secret, phone.secret);
  });

  it('never reaches somebody above them, nor themselves, nor another tenant', async () => {
    await setUp('acme/olivia');
    const ofOlivia = `/admin/users/${portal.idOf('acme/olivia')}`;
    const _csrf = await adam.csrf('/security');
    assert.equal((await adam.post(`${ofOlivia}/two-factor-reset`, { _csrf, reason: 'x' })).status, 403);
    const own = `/admin/users/${portal.idOf('acme/adam')}`;
    assert.equal((await adam.post(`${own}/two-factor-reset`, { _csrf, reason: 'x' })).status, 403);
    const foreign = `/admin/users/${portal.idOf('globex/gina')}`;
    assert.equal((await adam.post(`${foreign}/two-factor-reset`, { _csrf, reason: 'x' })).status, 404);
    const auditor = await portal.signedIn('acme/audrey');
    const token = await auditor.csrf('/security');
    assert.equal((await auditor.post(`${page}/two-factor-reset`, { _csrf: token, reason: 'x' })).status, 403);
    assert.equal(await stateOf('acme/olivia'), 'active');
  });

  it('sees in the list who has it, and finds them by it', async () => {
    const list = await adam.open('/admin/users?twoFactor=active');
    assert.match(list.text, /Uma Ndiaye/);
    assert.doesNotMatch(list.text, /Umar Usman/);
    assert.match(list.text, /uma@acme\.example User Active Active/);
  });

  it('asks again who is there before either, when the last sign-in was a while ago', async () => {
    portal.clock.move(11 * 60_000);
    const answer = await adam.submit(page, `${page}/two-factor-reset`, { reason: 'New phone' });
    assert.match(answer.location, /^\/confirm\?kept=/);
    assert.equal(await stateOf('acme/uma'), 'active');
  });
});

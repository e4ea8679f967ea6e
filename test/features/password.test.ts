import assert from 'node:assert/strict';
import { PasswordHistory } from '#models/password-history.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { User } from '#models/user.js';
import { DEFAULT_POLICY, type SecurityPolicy as Policy } from '#policies/security-policy.js';
import { DAY, HOUR } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { clearCounters } from '../support/database.js';
import { watchHashing } from '../support/hashing.js';
import { contextIn, logged, mailResetLink } from '../support/links.js';
import { happened } from '../support/log.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { letInTogether } from '../support/together.js';

const FORM = '/security/password';
const NEW = 'copper lantern meadow 9';

describe('Changing one’s password', () => {
  let portal: Portal;
  let hash: string | null;
  before(async () => {
    portal = await startPortal();
    hash = (await User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true })).passwordHash;
  });
  afterEach(async () => {
    await User.update(
      { passwordHash: hash, passwordChangedAt: portal.clock.now() },
      { where: { id: portal.idOf('acme/uma') } },
    );
    await PasswordHistory.destroy({ where: {} });
    await clearCounters(portal.database);
    await SecurityPolicy.update({ ...DEFAULT_POLICY }, { where: {} });
  });
  after(() => portal.close());

  const change = (
    browser: Browser,
    currentPassword: string,
    newPassword: string,
    confirmPassword = newPassword,
  ): Promise<Page> => browser.submit('/security', FORM, { currentPassword, newPassword, confirmPassword });
  const policy = async (values: Partial<Policy>): Promise<unknown> =>
    SecurityPolicy.update(values, { where: { tenantId: (await contextIn(portal, 'acme')).tenant.id } });
  const isIn = async (browser: Browser): Promise<boolean> => (await browser.get('/security')).status === 200;

  it('takes the old one and a new one, ends all other sessions, and says so', async () => {
    const [browser, other] = [await portal.signedIn('acme/uma'), await portal.signedIn('acme/uma')];
    const page = await browser.follow(await change(browser, PASSWORD, NEW));
    assert.equal(page.path, '/security');
    assert.equal(page.flash, 'Your password has been changed. All your other sessions have been ended.');
    assert.match(page.text, /Last changed\s+just now/);
    assert.deepEqual([await isIn(browser), await isIn(other)], [true, false]);
    assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).status, 422);
    assert.equal((await portal.browser().tryToSignIn('acme/uma', NEW)).status, 303);
  });

  it('is the same in every composition: typed twice on two keyboards, and at the next sign-in', async () => {
    const [composed, apart] = ['plüm-harbour-viólet-84', 'plu\u0308m-harbour-vio\u0301let-84'];
    assert.equal((await change(await portal.signedIn('acme/uma'), PASSWORD, apart, composed)).status, 303);
    for (const typed of [composed, apart, composed.replace('84', '８４')])
      assert.equal((await portal.browser().tryToSignIn('acme/uma', typed)).status, 303, typed);
    for (const other of [` ${composed}`, `${composed}\u200b`, composed.toUpperCase(), composed.replace('ü', 'u')])
      assert.equal((await portal.browser().tryToSignIn('acme/uma', other)).status, 422, other);
  });

  it('tells its owner by mail when, from where and with what, and the log, but nobody the password', async () => {
    const browser = await portal.signedIn('acme/uma');
    await change(browser, PASSWORD, NEW);
    const mail = await portal.inbox.newestTo('uma@acme.example');
    assert.equal(mail.event, 'password-changed');
    assert.match(mail.text, /127\.0\.0\.1/);
    assert.match(mail.text, /Firefox 143 on Linux/);
    assert.ok(![mail.text, mail.html, mail.subject].join().includes(NEW));
    const row = (await logged(portal, 'acme', 'password.changed')).at(-1);
    assert.equal(row?.['actor_id'], portal.idOf('acme/uma'));
    assert.ok(!JSON.stringify(row).includes(NEW) && !portal.logLines.join().includes(NEW));
  });

  it('voids a link for a new password that was mailed before', async () => {
    const path = await mailResetLink(portal, 'acme/uma');
    const browser = await portal.signedIn('acme/uma');
    await change(browser, PASSWORD, NEW);
    assert.equal((await portal.browser().get(path)).status, 410);
  });

  it('says field by field what is wrong, and gives no password back', async () => {
    const browser = await portal.signedIn('acme/uma');
    const empty = await browser.submit('/security', FORM);
    assert.equal(empty.status, 422);
    assert.deepEqual(
      ['currentPassword', 'newPassword', 'confirmPassword'].map((field) => empty.errorOf(field) !== ''),
      [true, true, true],
    );
    assert.match((await change(browser, 'not it', NEW)).errorOf('currentPassword'), /not your current password/);
    assert.match((await change(browser, PASSWORD, NEW, `${NEW}.`)).errorOf('confirmPassword'), /two passwords differ/);
    const short = await change(browser, PASSWORD, 'too short');
    assert.match(short.errorOf('newPassword'), /too short: use at least 15 characters/);
    assert.ok(!short.html.includes('too short"') && !short.html.includes(PASSWORD));
    assert.equal(await isIn(browser), true, 'Nothing was changed.');
    assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).status, 303);
  });

  it('says all of it at once, but of former passwords nothing to who does not know the present one', async () => {
    const browser = await portal.signedIn('acme/uma');
    const all = await change(browser, 'not it', 'too short', 'too shirt');
    assert.match(all.errorOf('currentPassword'), /not your current password/);
    assert.match(all.errorOf('newPassword'), /too short/);
    assert.match(all.errorOf('confirmPassword'), /differ/);
    await policy({ history: 5 });
    assert.match((await change(browser, PASSWORD, PASSWORD)).errorOf('newPassword'), /before/);
    const guess = await change(browser, 'not it', PASSWORD);
    assert.notEqual(guess.errorOf('currentPassword'), '');
    assert.equal(guess.errorOf('newPassword'), '');
  });

  it('keeps the rules of the policy', async () => {
    const browser = await portal.signedIn('acme/uma');
    const refused: [string, RegExp][] = [
      ['my name is uma ndiaye ok', /a name that is easy to guess/],
      ['the acme organisation 7', /a name that is easy to guess/],
      ['passwordpassword', /attackers try first/],
      ['x'.repeat(129), /too long/],
      ['a hidden\u0007 character here', /hidden control character/],
      ['turned \u202e round and round', /hidden control character/],
    ];
    for (const [candidate, why] of refused) {
      const page = await change(browser, PASSWORD, candidate);
      assert.equal(page.status, 422, candidate);
      assert.match(page.errorOf('newPassword'), why, candidate);
    }
    await policy({ requireUpper: true, requireDigit: true, requireSymbol: true });
    assert.match(
      (await change(browser, PASSWORD, 'lantern meadow copper plum')).errorOf('newPassword'),
      /capital letter.*digit.*symbol/,
      'each rule that is broken is named at the field, not the first alone',
    );
    for (const good of ['Lantern meadow, copper 9!', `${'ü'.repeat(20)} A1! ${'x'.repeat(103)}`]) {
      assert.equal((await change(browser, PASSWORD, good)).status, 303, good);
      assert.equal((await change(browser, good, `${PASSWORD} A1!`)).status, 303);
      assert.equal((await change(browser, `${PASSWORD} A1!`, 'Lantern meadow, copper 8!')).status, 303);
      await User.update({ passwordHash: hash }, { where: { id: portal.idOf('acme/uma') } });
    }
  });

  it('lists the rules beside the field, for this very person', async () => {
    const page = await (await portal.signedIn('acme/uma')).get('/security');
    const rules = page.document.querySelectorAll('[data-password-rules] li');
    assert.deepEqual(
      rules.map((one) => one.getAttribute('data-rule')),
      ['minLength', 'maxLength', 'forbidNames', 'forbidCommon'],
    );
    assert.match(rules[2]?.getAttribute('data-names') ?? '', /uma@acme\.example/);
  });

  it('lets none of the last ones come back, as many as the policy keeps', async () => {
    await policy({ history: 2 });
    const browser = await portal.signedIn('acme/uma');
    const second = 'meadow copper lantern 7';
    assert.match((await change(browser, PASSWORD, PASSWORD)).errorOf('newPassword'), /used this password before/);
    assert.equal((await change(browser, PASSWORD, NEW)).status, 303);
    assert.match((await change(browser, NEW, PASSWORD)).errorOf('newPassword'), /not one of your last 2 passwords/);
    assert.equal((await change(browser, NEW, second)).status, 303);
    assert.equal((await change(browser, second, PASSWORD)).status, 303, 'The third from the end may.');
    assert.ok((await PasswordHistory.count()) <= 2);
    await policy({ history: 0 });
    assert.equal((await change(browser, PASSWORD, NEW)).status, 303);
    assert.equal(await PasswordHistory.count(), 0, 'What is not asked for is not kept.');
  });

  it('waits as long as the policy wants a password kept', async () => {
    await policy({ minAgeHours: 24 });
    const browser = await portal.signedIn('acme/uma');
    await User.update(
      { passwordChangedAt: portal.clock.now() - 23 * HOUR },
      { where: { id: portal.idOf('acme/uma') } },
    );
    assert.match((await change(browser, PASSWORD, NEW)).errorOf('newPassword'), /changed a short while ago/);
    await User.update({ passwordChangedAt: portal.clock.now() - DAY }, { where: { id: portal.idOf('acme/uma') } });
    assert.equal((await change(browser, PASSWORD, NEW)).status, 303);
  });

  it('is closed after five wrong ones to whoever found the browser open, and the owner can still sign in elsewhere', async () => {
    const browser = await portal.signedIn('acme/uma');
    for (let tries = 1; tries <= 5; tries += 1) assert.equal((await change(browser, 'wrong', NEW)).status, 422);
    const answer = await change(browser, PASSWORD, NEW);
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.headers['retry-after']) > 290);
    assert.ok((await happened(portal, 'acme', 'step-up.failed')) >= 5);
    await portal.signedIn('acme/uma');
  });

  it('is refused when the account was changed elsewhere while the old one was being checked', async () => {
    const browser = await portal.signedIn('acme/uma');
    const form = (await browser.get('/security')).form(FORM);
    const own = portal.services.passwords;
    const hashing = watchHashing(portal);
    const where = { id: portal.idOf('acme/uma') };
    const { epoch } = await User.findByPk(where.id, { rejectOnEmpty: true });
    hashing.before = async () => void (await User.update({ epoch: epoch + 1 }, { where }));
    const answer = await browser.post(FORM, {
      ...form,
      currentPassword: PASSWORD,
      newPassword: NEW,
      confirmPassword: NEW,
    });
    portal.services.passwords = own;
    assert.deepEqual([answer.status, answer.location.split('?')[0]], [303, '/login']);
    assert.equal((await User.findByPk(where.id))?.passwordHash, hash);
  });

  it('of two changes at the same moment one counts, and the other is told', async () => {
    const browsers = [await portal.signedIn('acme/uma'), await portal.signedIn('acme/uma')];
    const forms = await Promise.all(browsers.map(async (browser) => (await browser.get('/security')).form(FORM)));
    const passwords = [NEW, 'meadow copper lantern 7'];
    letInTogether(portal, 2);
    const answers = await Promise.all(
      browsers.map((browser, at) =>
        browser.post(FORM, {
          ...forms[at],
          currentPassword: PASSWORD,
          newPassword: passwords[at]!,
          confirmPassword: passwords[at]!,
        }),
      ),
    );
    assert.deepEqual(answers.map(({ location }) => location.split('?')[0]).sort(), ['/login', '/security']);
    const winner = answers[0]!.location === '/security' ? 0 : 1;
    assert.equal((await portal.browser().tryToSignIn('acme/uma', passwords[winner]!)).status, 303);
    assert.deepEqual(await Promise.all(browsers.map(isIn)), [winner === 0, winner === 1]);
  });
});

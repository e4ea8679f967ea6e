import assert from 'node:assert/strict';
import { AccessPass } from '#models/access-pass.js';
import { User } from '#models/user.js';
import { purge } from '#server/jobs/purge.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { Authenticator } from '../support/authenticator.js';
import { clearCounters } from '../support/database.js';
import { enterPass, PASS, PASS_SETUP, passFor, passOn } from '../support/passes.js';
import { addPasskey } from '../support/passkeys.js';
import { Phone } from '../support/phone.js';
import { happened, newestDetails } from '../support/log.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { withBasic } from '../support/programs.js';
import { codesOn, enrol, setPolicy } from '../support/second-factor.js';
import { addSomebody } from '../support/users.js';

describe('A temporary access pass', () => {
  let portal: Portal;
  let adam: Browser;
  let count = 0;
  before(async () => {
    portal = await startPortal();
  });
  beforeEach(async () => {
    await clearCounters(portal.database);
    adam = await portal.signedIn('acme/adam');
  });
  after(() => portal.close());

  async function somebody(): Promise<{ who: string; user: User; page: string }> {
    const who = `acme/lost${(count += 1)}`;
    const user = await addSomebody(portal, who, 'user');
    return { who, user, page: `/admin/users/${user.id}` };
  }

  const make = (page: string, fields: Record<string, string> = {}) =>
    adam.submit(page, `${page}/access-pass`, { reason: 'Phone fell into the sea', minutes: '60', ...fields });

  it('is made by an admin with a reason, shown once, and its owner is told at once with “This wasn’t me”', async () => {
    const { who, user, page } = await somebody();
    const shown = await make(page);
    assert.equal(shown.status, 200);
    const pass = passOn(shown);
    assert.match(pass, /^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/);
    assert.ok(12 * Math.log2(31) >= 59);
    assert.ok(!(await adam.open(page)).html.includes(pass));
    const row = await AccessPass.findOne({ where: { userId: user.id }, rejectOnEmpty: true });
    assert.ok(!JSON.stringify(row).includes(pass.replaceAll('-', '')));
    const mail = (await portal.inbox.mailsTo(user.email)).at(-1);
    assert.match(mail?.text ?? '', /Adam Arslan made a temporary access pass/);
    assert.match(mail?.text ?? '', /Phone fell into the sea/);
    assert.ok(!mail?.text.includes(pass));
    const { reason } = await newestDetails(portal, 'acme', 'access-pass.made');
    assert.match(String(reason), /Phone fell into the sea/);
    // “This wasn't me” voids it.
    const href = await portal.inbox.linkTo(user.email, '/disavowal/');
    await portal.browser().submit(href, href);
    assert.equal((await enterPass(portal.browser(), who, pass)).status, 422);
  });

  it('must be given a reason, and works for ten minutes to a day', async () => {
    const { page } = await somebody();
    assert.equal((await make(page, { reason: ' ' })).status, 422);
    for (const minutes of ['9', '1441', '', 'soon']) assert.equal((await make(page, { minutes })).status, 422);
    assert.equal((await make(page, { minutes: '1440' })).status, 200);
  });

  it('opens the page for factors and password, and nothing else', async () => {
    const { who, page } = await somebody();
    const browser = portal.browser();
    const answer = await enterPass(
      browser,
      who,
      passOn(await make(page))
        .toUpperCase()
        .replaceAll('-', ' '),
    );
    assert.equal(answer.location, PASS_SETUP);
    assert.equal((await browser.get(PASS_SETUP)).status, 200);
    for (const path of [
      '/',
      '/security',
      '/security/sessions',
      '/security/tokens',
      '/profile',
      '/security/recovery-codes',
    ])
      assert.equal((await browser.open(path)).path, PASS_SETUP, path);
    const _csrf = await browser.csrf(PASS_SETUP);
    for (const path of ['/security/api-key', '/security/password', '/profile'])
      assert.equal((await browser.post(path, { _csrf, name: 'Mallory' })).location, PASS_SETUP, path);
    assert.equal((await browser.get('/api/v1/forward-auth')).status, 401);
  });

  it('sets password and app anew, and its owner signs in with them', async () => {
    const { who, page } = await somebody();
    await enrol(portal, who);
    const browser = portal.browser();
    await enterPass(browser, who, passOn(await make(page)));
    const newPassword = 'copper-lantern-meadow-57';
    const changed = await browser.submit('/login/password', '/login/password', {
      newPassword,
      confirmPassword: newPassword,
    });
    assert.equal(changed.status, 303);
    assert.equal((await browser.open('/')).path, PASS_SETUP, 'it opens no more than before');
    const scanned = await browser.follow(await browser.submit(PASS_SETUP, '/security/two-factor/setup'));
    const phone = new Phone(portal.clock).scan(scanned);
    const done = await browser.submit('/login/two-factor/setup', '/login/two-factor/setup', { code: phone.code() });
    assert.equal(codesOn(done).length, 10);
    const again = portal.browser();
    assert.equal((await again.signIn(who, newPassword)).location, '/login/two-factor');
    const code = { code: phone.nextCode() };
    assert.equal((await again.submit('/login/two-factor', '/login/two-factor', code)).status, 303);
    assert.equal((await again.get('/security')).status, 200);
  });

  it('adds a passkey, after which the session still opens nothing else', async () => {
    const { who, page } = await somebody();
    const browser = portal.browser();
    await enterPass(browser, who, passOn(await make(page)));
    const key = new Authenticator();
    assert.equal(codesOn(await addPasskey(browser, key)).length, 10);
    assert.equal((await browser.open('/security')).path, PASS_SETUP);
  });

  it('works once, however many send it at the same time', async () => {
    const { who, page } = await somebody();
    const pass = passOn(await make(page));
    const [organization = '', username = ''] = who.split('/');
    const forms = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const browser = portal.browser();
        return { browser, form: (await browser.open(PASS)).form(PASS) };
      }),
    );
    const answers = await Promise.all(
      forms.map(({ browser, form }) => browser.post(PASS, { ...form, organization, username, pass })),
    );
    assert.equal(answers.filter(({ status }) => status === 303).length, 1);
    assert.equal((await enterPass(portal.browser(), who, pass)).status, 422);
  });

  it('ends with its time, with a newer one, and with any change of the account', async () => {
    const { who, user, page } = await somebody();
    const works = async (pass: string): Promise<boolean> =>
      (await enterPass(portal.browser(), who, pass)).status === 303;
    const older = passOn(await make(page));
    const newer = passOn(await make(page));
    assert.equal(await works(older), false);
    assert.equal(await works(newer), true);
    const late = await passFor(portal, who, 10);
    portal.clock.move(10 * MINUTE);
    assert.equal(await works(late), false);
    const moved = await passFor(portal, who);
    await adam.stepUp(PASSWORD);
    assert.equal((await adam.submit(page, page, { email: `${user.username}@elsewhere.example` })).status, 303);
    assert.equal(await works(moved), false);
    const outside = await passFor(portal, who);
    await setPolicy(portal, 'acme', { allowedIps: '10.0.0.0/8' });
    assert.equal((await enterPass(portal.browser(), who, outside)).status, 403);
    await setPolicy(portal, 'acme', { allowedIps: '' });
    assert.equal(await works(outside), true, 'what was refused for its address is not taken');
  });

  it('is refused to an account that is disabled or invited, to a service account, and dies when it is disabled', async () => {
    const { who, page } = await somebody();
    const pass = passOn(await make(page));
    await adam.submit(page, page, { status: 'disabled' });
    assert.equal((await enterPass(portal.browser(), who, pass)).status, 422);
    const form = { _csrf: await adam.csrf('/security'), reason: 'x', minutes: '60' };
    assert.equal((await adam.post(`${page}/access-pass`, form)).status, 409);
    const robo = `/admin/users/${portal.idOf('acme/robo')}/access-pass`;
    assert.equal((await adam.post(robo, form)).status, 409);
    assert.ok(!(await adam.open(page)).links().includes(`${page}/access-pass`));
  });

  it('is not for oneself, nor for whoever may do more, nor from another organisation, nor by who may only look', async () => {
    const _csrf = await adam.csrf('/security');
    const at = (who: string): string => `/admin/users/${portal.idOf(who)}/access-pass`;
    const fields = { _csrf, reason: 'x', minutes: '60' };
    assert.equal((await adam.post(at('acme/adam'), fields)).status, 403);
    assert.equal((await adam.post(at('acme/olivia'), fields)).status, 403);
    assert.equal((await adam.post(at('globex/gina'), fields)).status, 404);
    const audrey = await portal.signedIn('acme/audrey');
    const hers = { ...fields, _csrf: await audrey.csrf('/security') };
    assert.equal((await audrey.post(at('acme/uma'), hers)).status, 403);
    assert.equal((await audrey.get(at('acme/uma'))).status, 403);
  });

  it('is counted like a code, and tells nobody whether there is one', async () => {
    const { who } = await somebody();
    const { who: without } = await somebody();
    const pass = await passFor(portal, who);
    const tried = async (name: string): Promise<string[]> => {
      const said: string[] = [];
      for (let tries = 0; tries < 11; tries += 1) {
        await portal.database.sequelize.query(`DELETE FROM throttles WHERE key NOT LIKE 'codes/%'`);
        const answer = await enterPass(portal.browser(), name, 'aaaa-bbbb-cccc');
        said.push(`${answer.status} ${answer.alert}`);
      }
      return said;
    };
    const before = await happened(portal, 'acme', 'access-pass.failed');
    const said = await tried(who);
    assert.match(said[0] ?? '', /^422 .*not right/);
    assert.equal(said[10], said[0], 'Not even that it is locked.');
    assert.deepEqual(await tried(without), said);
    assert.deepEqual(await tried('acme/nobody-of-the-kind'), said);
    assert.deepEqual(await tried('nowhere/nobody'), said);
    await portal.database.sequelize.query(`DELETE FROM throttles WHERE key NOT LIKE 'codes/%'`);
    assert.equal((await enterPass(portal.browser(), who, pass)).status, 422, 'nor is the right one looked at then');
    assert.equal((await happened(portal, 'acme', 'access-pass.failed')) - before, 34);
  });

  it('opens nothing on the API', async () => {
    const { who } = await somebody();
    const pass = await passFor(portal, who);
    assert.equal((await withBasic(portal, who, pass).get('/me')).status, 401);
  });

  it('leaves no row behind a month after', async () => {
    const { who, user } = await somebody();
    await passFor(portal, who);
    portal.clock.move(32 * DAY);
    await purge(portal.services);
    assert.equal(await AccessPass.count({ where: { userId: user.id } }), 0);
  });
});

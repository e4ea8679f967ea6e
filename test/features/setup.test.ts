import assert from 'node:assert/strict';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { COMMAND_LINE } from '#policies/actor.js';
import { contextWithoutRequest } from '#server/context.js';
import { seedDemo } from '#server/features/demo/actions.js';
import { randomToken } from '#server/lib/random-token.js';
import type { Fields, Page } from '../support/browser.js';
import { printedSetupLink } from '../support/links.js';
import { verdictOn } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';

const NEW = 'copper lantern meadow 9';
const GOOD = {
  organization: 'Wayne Works',
  slug: 'wayne',
  name: 'Wanda Wayne',
  username: 'wanda',
  email: 'wanda@wayne.example',
  newPassword: NEW,
  confirmPassword: NEW,
};

describe('The first start', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal({ demo: false });
  });
  afterEach(() => portal.close());

  const start = (): Promise<string | null> => printedSetupLink(portal);
  const send = (path: string, fields: Fields = {}): Promise<Page> =>
    portal.browser().submit(path, path, { ...GOOD, ...fields });

  it('prints a link, with which its keeper makes the organisation and their own account, and signs in to both', async () => {
    const path = (await start()) ?? '';
    const browser = portal.browser();
    const form = await browser.get(path);
    assert.equal(form.heading, 'Set up Gatehouse');
    assert.match(form.text, /At least 15 characters/);
    const page = await browser.follow(await browser.submit(path, path, GOOD));
    assert.equal(page.path, '/login?organization=wayne');
    assert.match(page.flash, /Gatehouse is ready/);
    assert.equal(page.valueOf('organization'), 'wayne');
    await browser.signIn('wayne/wanda', NEW);
    assert.equal((await browser.get('/admin/users')).status, 200);
    const operator = await portal.signedIn('platform/wanda', NEW);
    assert.equal((await operator.get('/platform/tenants')).status, 200);
    const hintOn = (one: Page): string => one.document.querySelector('#hint-slug')?.text ?? '';
    assert.equal(
      hintOn(form),
      hintOn(await operator.get('/platform/tenants/new')),
      'a short name is the same everywhere',
    );
    for (const slug of ['wayne', 'platform']) assert.equal((await verdictOn(portal, slug)).intact, true);
  });

  it('stands in both logs, and in their own activity, as what its keeper did', async () => {
    const path = (await start()) ?? '';
    await send(path);
    const wanda = await portal.signedIn('wayne/wanda', NEW);
    const rows = (await wanda.open('/admin/security-log')).document.querySelectorAll('tbody tr');
    for (const what of ['First set-up completed', 'User created', 'Organisation created']) {
      const row = rows.find(({ text }) => text.includes(what));
      assert.match(row?.querySelector('[data-label=Who]')?.text ?? '', /Wanda Wayne/, what);
    }
    const operator = await portal.signedIn('platform/wanda', NEW);
    for (const browser of [wanda, operator]) {
      const { text } = await browser.open('/security/activity');
      assert.match(text, /First set-up completed\s+By you/);
      assert.doesNotMatch(text, /unknown|administrator/);
    }
  });

  it('keeps the password out of everything but its hash', async () => {
    const path = (await start()) ?? '';
    await send(path);
    const [{ passwordHash }] = (await User.findAll()) as [User];
    assert.match(passwordHash ?? '', /^\$argon2id\$/);
    const events = JSON.stringify(await portal.database.read('SELECT * FROM security_events', []));
    assert.ok(!events.includes(NEW) && !portal.logLines.join().includes(NEW));
    assert.ok(!portal.logLines.join().includes(path.split('/')[2] ?? '?'), 'Nor is the link in the log.');
    const codes = JSON.stringify(await portal.database.read('SELECT * FROM setup_codes', []));
    assert.ok(!codes.includes(path.split('/')[2] ?? '?'), 'Of the link, the database has a hash.');
  });

  it('is over once it was done: the link opens nothing more, and no other is printed', async () => {
    const path = (await start()) ?? '';
    assert.equal((await send(path)).status, 303);
    assert.equal((await portal.browser().get(path)).status, 404);
    const late = portal.browser();
    assert.equal((await late.post(path, { ...GOOD, _csrf: await late.csrf() })).status, 404);
    assert.equal(await start(), null);
    assert.equal(await Tenant.count(), 2);
  });

  it('of two at the same moment lets one through, and leaves nothing of the other', async () => {
    const path = (await start()) ?? '';
    const names = ['wayne', 'stark', 'parker', 'kent', 'prince'];
    const answers = await Promise.all(
      names.map((slug) => send(path, { slug, username: slug, email: `${slug}@example.org` })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 404, 404, 404, 404]);
    const winner = names[answers.findIndex(({ status }) => status === 303)];
    assert.deepEqual(
      (await Tenant.findAll({ order: ['slug'] })).map(({ slug }) => slug),
      ['platform', winner].sort(),
    );
    assert.equal(await User.count(), 2);
  });

  it('is what every page waits for at which one signs in, and says where the link is found and never which it is', async () => {
    const path = (await start()) ?? '';
    const browser = portal.browser();
    assert.equal((await browser.follow(await browser.get('/'))).heading, 'Gatehouse is not set up yet');
    for (const at of ['/login', '/login/pass', '/login/recovery', '/password/forgot']) {
      const page = await browser.get(at);
      assert.deepEqual([page.status, page.heading], [200, 'Gatehouse is not set up yet'], at);
      assert.match(page.text, /printed when it was started: in its terminal, or in its log/);
      assert.equal(page.document.querySelectorAll('form').length, 0);
      assert.doesNotMatch(page.html, /\/setup\/|set-up link has/);
      assert.ok(!page.html.includes(path.split('/').at(-1) ?? ''));
    }
    for (const [at, status] of [
      ['/healthz', 200],
      ['/readyz', 200],
      ['/api/v1/me', 401],
      ['/api/docs', 200],
    ] as const)
      assert.equal((await browser.get(at)).status, status, at);
    await send(path);
    for (const [at, heading] of [
      ['/login', 'Sign in'],
      ['/login/pass', 'Use an access pass'],
    ] as const)
      assert.equal((await browser.get(at)).heading, heading);
  });

  it('takes the link of the newest start alone', async () => {
    const [first = '', second = ''] = [await start(), await start()] as string[];
    assert.notEqual(first, second);
    assert.equal((await portal.browser().get(first)).status, 404);
    assert.equal((await send(second)).status, 303);
  });

  it('takes no made-up link, and none where organisations are already', async () => {
    const path = (await start()) ?? '';
    for (const wrong of [`/setup/${randomToken()}`, '/setup/x', '/setup/%00', `/setup/${'x'.repeat(500)}`, `${path}x`])
      assert.equal((await portal.browser().get(wrong)).status, 404, wrong);
    await seedDemo(contextWithoutRequest(portal.services, COMMAND_LINE, 'cli'), { password: NEW });
    assert.equal((await portal.browser().get(path)).status, 404);
    const browser = portal.browser();
    assert.equal((await browser.post(path, { ...GOOD, _csrf: await browser.csrf() })).status, 404);
    assert.equal(await start(), null);
  });

  it('says field by field what is wrong, keeps what was typed but the password, and is not used up by it', async () => {
    const path = (await start()) ?? '';
    const wrong: [string, string, RegExp][] = [
      ['organization', '', /name of your organisation/],
      ['slug', 'Wayne Works', /lower-case letters/],
      ['slug', 'platform', /reserved/],
      ['slug', '-wayne', /lower-case letters/],
      ['username', 'wanda:wayne', /colon/],
      ['username', 'wanda@wayne', /cannot contain @/],
      ['email', 'wanda', /name@example\.com/],
      ['name', '', /your name/],
      ['newPassword', 'short', /too short/],
      ['newPassword', 'wanda wanda wanda wanda', /easy to guess/],
      ['newPassword', 'passwordpassword', /attackers try first/],
    ];
    for (const [field, value, why] of wrong) {
      const both = field === 'newPassword' ? { confirmPassword: value } : {};
      const page = await send(path, { [field]: value, ...both });
      assert.equal(page.status, 422, `${field}: ${value}`);
      assert.match(page.errorOf(field), why, value);
      if (field !== 'name') assert.equal(page.valueOf('name'), 'Wanda Wayne');
      assert.ok(!page.html.includes(NEW) && page.valueOf('newPassword') === '');
    }
    assert.match((await send(path, { confirmPassword: `${NEW}.` })).errorOf('confirmPassword'), /differ/);
    assert.equal(await Tenant.count(), 0);
    assert.equal((await send(path)).status, 303);
  });
});

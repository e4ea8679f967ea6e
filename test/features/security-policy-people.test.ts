import assert from 'node:assert/strict';
import { RememberedBrowser } from '#models/remembered-browser.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Session } from '#models/session.js';
import { User } from '#models/user.js';
import { PRESETS } from '#policies/security-policy.js';
import { DAY } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { tamper } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf, roleWith, giveRoles } from '../support/programs.js';
import { addSomebody, userCalled } from '../support/users.js';

const PATH = '/admin/security-policy';
const PREVIEW = '/admin/security-policy/preview';

describe('The page of the security policy', () => {
  let portal: Portal;
  let adam: Browser;
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  after(() => portal.close());
  afterEach(() =>
    SecurityPolicy.update({ ...PRESETS.nist, preset: 'nist', allowedIps: '', maxSessions: 20 }, { where: {} }),
  );

  const preview = async (fields: Record<string, string>, by = adam): Promise<Page> =>
    by.post(PREVIEW, { ...(await by.open(PATH)).form(PATH), ...fields });
  /** What one consequence says, with those whom it names. */
  const saying = (page: Page, words: RegExp): string =>
    page.document
      .querySelectorAll('section[aria-labelledby=effects] li')
      .map(({ text }) => text.replace(/\s+/g, ' ').trim())
      .find((text) => words.test(text)) ?? '';
  const aged = (who: string, days: number) =>
    User.update({ passwordChangedAt: portal.clock.now() - days * DAY }, { where: { id: portal.idOf(who) } });
  const marks = (page: Page): string[] =>
    page.document.querySelectorAll('form label .visually-hidden, form legend .visually-hidden').map(({ text }) => text);

  it('has four parts, each with a link to it', async () => {
    const page = await adam.open(PATH);
    const links = page.links().filter((to) => to.startsWith('#part-'));
    assert.equal(links.length, 4);
    for (const to of links) assert.ok(page.document.querySelector(`fieldset${to} legend`), to);
    assert.equal(page.document.querySelectorAll('.form-bar button').length, 2);
  });

  it('marks what is not as the preset has it, in words as well', async () => {
    assert.deepEqual(marks(await adam.open(PATH)), []);
    await SecurityPolicy.update({ minLength: 20, requireDigit: true, preset: 'custom', maxSessions: 3 }, { where: {} });
    const page = await adam.open(PATH);
    assert.deepEqual(marks(page), [
      ', differs from NIST SP 800-63B: 15 characters',
      ', differs from NIST SP 800-63B: No',
      ', differs from what an organisation starts with: 20 sessions',
    ]);
    assert.match(
      page.document.querySelector('.part-links')?.text ?? '',
      /Passwords\s*, differs[\s\S]*sessions\s*, differs/,
    );
    await SecurityPolicy.update({ ...PRESETS.classic, minLength: 9, preset: 'custom', maxSessions: 20 }, { where: {} });
    assert.deepEqual(marks(await adam.open(PATH)), [', differs from Classic: 8 characters'], 'of the nearest preset');
  });

  it('names the first whose password would be outdated, and says so to whom it is about', async () => {
    for (const who of ['uma', 'umar']) await aged(`acme/${who}`, 40);
    assert.match(
      saying(await preview({ maxAgeDays: '30' }), /new password/),
      /^2 people must choose a new password at once: .* age\. Uma Ndiaye, Umar Usman$/,
    );
    await aged('acme/adam', 40);
    assert.match(saying(await preview({ maxAgeDays: '30' }), /^3 people/), /Your own is one of them: you choose/);
    for (const who of ['uma', 'umar', 'adam']) await aged(`acme/${who}`, 0);
  });

  it('names the first five, and counts the others', async () => {
    for (const name of ['ada', 'ben', 'cy']) await addSomebody(portal, `acme/${name}`, 'user');
    const page = await preview({ twoFactor: 'required' });
    assert.match(saying(page, /^8 people must set up/), /and 3 more$/);
    assert.equal(page.document.querySelectorAll('section[aria-labelledby=effects] li a').length, 5);
  });

  it('names whose sessions end, and whose browsers are asked for a code again', async () => {
    for (const who of ['acme/uma', 'acme/uma', 'globex/gina', 'globex/gina']) await portal.signedIn(who);
    assert.match(
      saying(await preview({ maxSessions: '1' }), /session/i),
      /One session of one person ends\. Uma Ndiaye$/,
    );
    const { id: userId, tenantId } = await userCalled(portal, 'acme/umar');
    const createdAt = portal.clock.now() - 5 * DAY;
    await SecurityPolicy.update({ rememberBrowserDays: 30 }, { where: {} });
    await RememberedBrowser.create({
      ...{ tenantId, userId, tokenHash: 'x'.repeat(43), epoch: 0, client: 'null', ip: '203.0.113.7' },
      ...{ createdAt, lastUsedAt: createdAt, expiresAt: createdAt + 30 * DAY },
    });
    assert.match(saying(await preview({ rememberBrowserDays: '2' }), /browser/), /One browser is asked.*Umar/);
    await SecurityPolicy.update({ rememberBrowserDays: 0 }, { where: {} });
  });

  it('names whom a list of addresses would shut out: by their live sessions, else by their last sign-in', async () => {
    const list = { allowedIps: '127.0.0.0/8, ::1' };
    assert.equal(saying(await preview(list), /not in the list/), '');
    await portal.signedIn('acme/umar');
    await Session.update({ ip: '203.0.113.9' }, { where: { userId: portal.idOf('acme/umar') } });
    assert.match(
      saying(await preview(list), /not in the list/),
      /^One person comes from an address that is not in the list, and will not be let in from there any more\. Umar Usman \(203\.0\.113\.9\)$/,
    );
    await Session.update({ endedAt: portal.clock.now() }, { where: { userId: portal.idOf('acme/umar') } });
    assert.equal(saying(await preview(list), /not in the list/), '', 'the last sign-in was from inside');
    const id = portal.idOf('acme/umar');
    await tamper(portal, `UPDATE security_events SET ip = '198.51.100.4' WHERE actor_id = '${id}'`);
    assert.match(saying(await preview(list), /not in the list/), /Umar Usman \(198\.51\.100\.4\)$/);
  });

  it('names nobody to who may not see users, and counts all the same', async () => {
    const role = await roleWith(portal, 'acme', ['policy:read', 'policy:write'], { name: 'Policy' });
    await giveRoles(await addSomebody(portal, 'acme/paula', 'user'), [role]);
    const paula = await portal.signedIn('acme/paula');
    const page = await preview({ twoFactor: 'required' }, paula);
    assert.match(saying(page, /people must set up/), /^\d+ people must set up/);
    assert.doesNotMatch(saying(page, /people must set up/), /Uma/);
  });

  it('tells programs the same', async () => {
    const program = await programOf(portal, 'acme/olivia');
    const { body } = await program.post('/security-policy/preview', { twoFactor: 'required' });
    const effects = body['effects'] as { first: { peopleToSetUp: { username: string }[] }; peopleShutOut: number };
    assert.equal(effects.first.peopleToSetUp.length, 5);
    assert.deepEqual(effects.peopleShutOut, 0);
  });
});

import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { routes } from '#server/features/index.js';
import type { Browser, Page } from '../support/browser.js';
import { makeToken } from '../support/credentials.js';
import { invite } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { pageOf, roleId } from '../support/users.js';

describe('Somebody who sees a page for the first time', () => {
  let portal: Portal;
  let adam: Browser;
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  after(() => portal.close());

  const sectionsOf = ({ document }: Page): string[] =>
    document.querySelectorAll('main section').map((one) => one.getAttribute('aria-labelledby') ?? '');

  it('is told of an account what is wrong with it before all else, each with its cure', async () => {
    const wrong: [string, Partial<User['_creationAttributes']>, string | null][] = [
      ['Cannot sign in: the account is disabled', { status: 'disabled' }, null],
      ['Cannot sign in yet: invited', { status: 'invited' }, '/invitation'],
      ['Must choose a new password', { mustChangePassword: true }, '/password-reset'],
      ['Must set up two-factor authentication', { mustSetUpTwoFactor: true }, null],
    ];
    const at = pageOf(portal.idOf('acme/uma'));
    const sound = { status: 'active', mustChangePassword: false, mustSetUpTwoFactor: false } as const;
    for (const [heading, values, cure] of wrong) {
      await User.update({ ...sound, ...values }, { where: { id: portal.idOf('acme/uma') } });
      const page = await adam.open(at);
      assert.equal(sectionsOf(page)[0], 'troubles', heading);
      const first = page.document.querySelector('section.troubles');
      assert.ok(first?.text.includes(heading), heading);
      if (cure !== null) assert.ok(first?.querySelector(`form[action="${at}${cure}"]`), heading);
    }
    await User.update(sound, { where: { id: portal.idOf('acme/uma') } });
    for (let times = 0; times < 5; times += 1) await portal.browser().tryToSignIn('acme/uma', 'wrong');
    // Though the log has gathered them, and no row for those of this minute.
    const locked = (await adam.open(at)).document.querySelector('section.troubles');
    assert.match(
      locked?.text ?? '',
      /Cannot sign in: locked until .*UTC after (5|five) wrong passwords from 127\.0\.0\.1/,
    );
    assert.ok(locked?.querySelector(`form[action="${at}/unlock"]`));
    assert.ok(!sectionsOf(await adam.open(pageOf(portal.idOf('acme/umar')))).includes('troubles'));
  });

  it('is offered to revoke all of an account where there is something', async () => {
    const at = pageOf(portal.idOf('acme/umar'));
    assert.ok(!(await adam.open(at)).links().includes(`${at}/credentials/removal`));
    await makeToken(await portal.signedIn('acme/umar'));
    assert.ok((await adam.open(at)).links().includes(`${at}/credentials/removal`));
  });

  it('is shown what a factory role grants as the table that others are made with', async () => {
    const page = await adam.open(`/admin/roles/${await roleId(portal, 'acme', 'auditor')}`);
    const rows = page.document.querySelectorAll('.scope').map((one) => one.querySelector('.scope-noun')?.text.trim());
    assert.ok(rows.length >= 7 && rows.includes('Security log'), rows.join());
  });

  it('is told of a token each mail that comes before its end', async () => {
    const umar = await portal.signedIn('acme/umar');
    const shown = await umar.submit('/security/tokens/new', '/security/tokens', { name: 'CI' });
    assert.match(shown.text, /You get a mail 14 days and 3 days before, and on the day/);
  });

  it('is led on from a page that is not there to every place of the menu', async () => {
    const page = await adam.get('/nowhere');
    const menu = page.document.querySelectorAll('#navigation a').map((one) => one.getAttribute('href'));
    assert.deepEqual([page.status, menu.length > 5], [404, true]);
    const places = page.document.querySelectorAll('.error-places a').map((one) => one.getAttribute('href'));
    assert.deepEqual(places, menu);
  });

  it('tells tabs apart by their title, whose first words are those of the page, and by icon and colour', async () => {
    const titles = new Map<string, string>();
    for (const { method, path } of routes) {
      if (method !== 'get' || path.includes(':') || /\.\w+$|well-known|^\/(login|healthz|readyz|metrics)/.test(path))
        continue;
      const page = await adam.get(path);
      if (page.status !== 200 || !(page.headers['content-type'] ?? '').startsWith('text/html')) continue;
      const title = page.document.querySelector('title')?.text ?? '';
      assert.match(title, / · Acme · Gatehouse$/, path);
      assert.ok(!titles.has(title), `${path} and ${titles.get(title)} are both “${title}”`);
      titles.set(title, path);
      assert.ok(
        page.document.querySelector('meta[name=theme-color]') && page.document.querySelector('link[rel=icon]'),
        path,
      );
    }
    assert.ok(titles.size > 20, `${titles.size} pages`);
  });

  it('is told by an invitation who invites, into what, and under which names to sign in', async () => {
    await invite(portal, 'acme/iris');
    const { subject, text, html } = await portal.inbox.newestTo('iris@acme.example');
    assert.match(subject, /Acme/);
    for (const part of [text, html]) for (const name of ['Acme', 'acme', 'iris']) assert.ok(part.includes(name), name);
  });
});

import assert from 'node:assert/strict';
import { routes } from '#server/features/index.js';
import { purposeOf } from '#server/features/confirm/purposes.js';
import { MINUTE } from '#server/lib/clock.js';
import { pathOf, titleOf } from '../support/routes.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

describe('Who signs in again', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  it('finds the organisation of the last time; one that the address names goes before it', async () => {
    const browser = await portal.signedIn('acme/uma');
    const page = await browser.follow(await browser.submit('/security', '/logout'));
    assert.equal(page.valueOf('organization'), 'acme');
    assert.equal((await browser.get('/login?organization=globex')).valueOf('organization'), 'globex');
    assert.equal((await portal.browser().get('/login')).valueOf('organization'), '');
    browser.cookies.set('gatehouse-organization', '"><b>');
    assert.equal((await browser.get('/login')).valueOf('organization'), '');
  });

  it('is not remembered by a wrong password', async () => {
    const browser = portal.browser();
    await browser.tryToSignIn('acme/uma', 'wrong');
    assert.equal((await browser.get('/login')).valueOf('organization'), '');
  });

  it('is told that they were signed out, and not where they signed out themselves', async () => {
    const browser = await portal.signedIn('acme/uma');
    portal.clock.move(31 * MINUTE);
    const page = await browser.open('/security');
    assert.match(page.path, /^\/login/);
    assert.match(page.flash, /You have been signed out: the session was ended, or was not used for a while/);
    await browser.signIn('acme/uma', PASSWORD);
    await browser.submit('/security', '/logout');
    await browser.get('/login');
    assert.equal((await browser.open('/security')).flash, '');
    assert.equal((await portal.browser().open('/security')).flash, '');
  });

  it('is told for what they are asked to confirm, and for how long they then are not asked', async () => {
    const browser = await portal.signedIn('acme/adam');
    portal.clock.move(11 * MINUTE);
    const asked = await browser.open('/security/tokens/new');
    assert.match(asked.text, /it is you who wants to make or change an API token, enter your password once more/);
    assert.match(asked.text, /not asked again for 10 minutes/);
    const { _csrf } = (await browser.open('/security')).form('/logout') as { _csrf: string };
    const kept = await browser.follow(await browser.post('/admin/roles', { _csrf, name: 'Desk' }));
    assert.match(kept.text, /it is you who wants to change roles/);
    assert.match((await browser.open('/confirm?next=/security')).text, /What you are about to do is sensitive/);
  });

  it('of everything that asks for it there is a word for what it does', () => {
    const asking = routes.filter(({ recent }) => recent !== false);
    assert.ok(asking.length > 20);
    assert.deepEqual(asking.filter((route) => purposeOf(pathOf(route)) === '').map(titleOf), []);
  });
});

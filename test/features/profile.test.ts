import assert from 'node:assert/strict';
import { Link } from '#models/link.js';
import { User } from '#models/user.js';
import { logged } from '../support/links.js';
import { newestDetails } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('The profile', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const uma = (): Promise<User> => User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });

  it('takes the own address in another spelling for the own address: no link is mailed, nobody is signed out', async () => {
    const browser = await portal.signedIn('acme/uma');
    for (const email of ['UMA@acme.example', 'uma@ACME.example.', '\u200buma@acme.example']) {
      assert.equal((await browser.submit('/profile', '/profile', { email })).status, 303);
      assert.equal(await Link.count({ where: { kind: 'email-change' } }), 0, email);
    }
    assert.equal((await uma()).email, 'uma@acme.example');
  });

  it('takes a time zone by any name of the IANA database, and keeps the one of today', async () => {
    const browser = await portal.signedIn('acme/uma');
    for (const [alias, zone] of [
      ['europe/kiev', 'Europe/Kyiv'],
      ['US/Eastern', 'America/New_York'],
    ] as const) {
      await browser.submit('/profile', '/profile', { timeZone: alias });
      assert.equal((await uma()).timeZone, zone);
    }
    assert.notEqual((await browser.submit('/profile', '/profile', { timeZone: '+02:00' })).errorOf('timeZone'), '');
  });

  it('shows a user what stands in it, and saves name, language, time zone and theme at once', async () => {
    const browser = await portal.signedIn('acme/uma');
    const page = await browser.open('/profile');
    const { _csrf, _form, _shown, ...fields } = page.form('/profile');
    assert.ok(_csrf && _form && _shown);
    assert.deepEqual(fields, {
      name: 'Uma Ndiaye',
      email: 'uma@acme.example',
      locale: 'en',
      timeZone: 'UTC',
      theme: 'auto',
    });
    const answer = await browser.submit('/profile', '/profile', {
      name: ' Uma N. Ndiaye ',
      locale: 'de',
      timeZone: 'Europe/Kyiv',
      theme: 'dark',
    });
    assert.equal(answer.status, 303);
    const saved = await browser.follow(answer);
    assert.match(saved.flash, /profile is saved/);
    assert.equal(saved.valueOf('name'), 'Uma N. Ndiaye');
    assert.equal(saved.document.querySelector('html')?.getAttribute('data-bs-theme'), 'dark');
    const { locale, timeZone, theme, nameKey, searchKey, epoch } = await uma();
    assert.deepEqual(
      { locale, timeZone, theme, epoch },
      { locale: 'de', timeZone: 'Europe/Kyiv', theme: 'dark', epoch: 0 },
    );
    assert.equal(nameKey, 'uma n. ndiaye');
    assert.match(searchKey, /^uma n\. ndiaye uma /, 'who searches for the new name finds the user');
    assert.equal(await Link.count(), 0);
  });

  it('notes in the log what was changed, what anybody is called under a key of their own', async () => {
    const browser = await portal.signedIn('acme/uma');
    await browser.submit('/profile', '/profile', {});
    assert.equal((await logged(portal, 'acme', 'profile.changed')).length, 0, 'nothing was changed');
    await browser.submit('/profile', '/profile', { name: 'Uma Secret', theme: 'light' });
    const [event] = await logged(portal, 'acme', 'profile.changed');
    assert.ok(!String(event?.['details']).includes('Uma'));
    assert.deepEqual(await newestDetails(portal, 'acme', 'profile.changed'), {
      name: { from: 'Uma Ndiaye', to: 'Uma Secret' },
      theme: { from: 'auto', to: 'light' },
    });
    assert.equal(event?.['target_id'], portal.idOf('acme/uma'));
    assert.equal(event['actor_id'], portal.idOf('acme/uma'));
  });

  it('says what is wrong in each field, keeps what was typed, and saves nothing', async () => {
    const browser = await portal.signedIn('acme/uma');
    const answer = await browser.submit('/profile', '/profile', {
      name: '',
      locale: 'xx',
      timeZone: 'Mars/Olympus',
      theme: 'pink',
    });
    assert.equal(answer.status, 422);
    for (const field of ['name', 'locale', 'timeZone', 'theme']) assert.notEqual(answer.errorOf(field), '', field);
    const typed = await browser.submit('/profile', '/profile', { name: 'Uma Changed', email: 'not an address' });
    assert.equal(typed.status, 422);
    assert.match(typed.errorOf('email'), /name@example.com/);
    assert.equal(typed.valueOf('name'), 'Uma Changed');
    assert.equal((await uma()).name, 'Uma Ndiaye');
  });

  it('refuses what no form would send', async () => {
    const browser = await portal.signedIn('acme/uma');
    const fields = (await browser.open('/profile')).form('/profile');
    for (const bad of [
      { name: ['a', 'b'] },
      { name: 'a\0b' },
      { name: 'x'.repeat(101) },
      { name: 'Uma \u202Egnp.exe' },
      { status: 'active' },
      { username: 'root' },
      { epoch: '9' },
      { email: ['a@b.example', 'c@d.example'] },
    ]) {
      assert.equal((await browser.post('/profile', { ...fields, ...bad })).status, 422, JSON.stringify(bad));
    }
    const { _csrf, ...rest } = fields;
    assert.ok(_csrf);
    assert.equal((await browser.post('/profile', rest)).status, 403);
    assert.equal((await browser.post('/profile', { _csrf: _csrf as string })).status, 422);
    assert.equal((await uma()).username, 'uma');
  });

  it('can be saved long after the last sign-in, as long as the e-mail address stays', async () => {
    const browser = await portal.signedIn('acme/uma');
    portal.clock.move(20 * 60_000);
    assert.equal((await browser.submit('/profile', '/profile', { name: 'Uma Later' })).location, '/profile');
    assert.equal((await uma()).name, 'Uma Later');
  });

  it('is the caller’s own, and only for who has signed in', async () => {
    const visitor = portal.browser();
    assert.equal((await visitor.get('/profile')).location, '/login?next=%2Fprofile');
    const _csrf = await visitor.csrf();
    assert.equal((await visitor.post('/profile', { _csrf, name: 'Nobody' })).location, '/login');
    const gina = await portal.signedIn('globex/gina');
    await gina.submit('/profile', '/profile', { name: 'Gina Changed' });
    assert.equal((await uma()).name, 'Uma Ndiaye');
  });

  it('leads to the deletion of the account', async () => {
    const browser = await portal.signedIn('acme/uma');
    assert.ok((await browser.open('/profile')).links().includes('/account/removal'));
  });
});

import assert from 'node:assert/strict';
import { KeptForm } from '#models/kept-form.js';
import { Role } from '#models/role.js';
import { MINUTE } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

describe('A form that is sent when its sender has been signed out', () => {
  let portal: Portal;
  let adam: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  afterEach(() => portal.close());

  const desk = (): Promise<number> => Role.count({ where: { name: 'Desk' } });
  const ask = async (browser: Browser, meanwhile: () => unknown): Promise<Page> => {
    const fields = (await browser.open('/admin/roles/new')).form('/admin/roles');
    await meanwhile();
    return browser.post('/admin/roles', { ...fields, name: 'Desk', description: 'Helps' });
  };
  const idle = (): void => portal.clock.move(31 * MINUTE);
  const signInAt = async (browser: Browser, path: string, who: string): Promise<Page> => {
    const [organization = '', username = ''] = who.split('/');
    return browser.submit(path, '/login', { organization, username, password: PASSWORD });
  };

  it('waits, is offered after the sign-in, and is done by one press', async () => {
    const sent = await ask(adam, idle);
    const login = await adam.follow(sent);
    assert.match(login.flash, /What you had entered has been kept: sign in to go on/);
    assert.equal(await desk(), 0);
    const offered = await adam.follow(await signInAt(adam, sent.location, 'acme/adam'));
    assert.match(offered.text, /You were signed out before what you had entered was sent.*Nothing has been done yet/);
    assert.equal(await desk(), 0);
    const done = await adam.post('/admin/roles', offered.form('/admin/roles'));
    assert.deepEqual([done.status, await desk()], [303, 1]);
    assert.equal(await KeptForm.count(), 0);
  });

  it('waits where its sender has signed out in another tab; to sign out there, too, is no mistake', async () => {
    const sent = await ask(adam, () => adam.submit('/security', '/logout'));
    const login = await adam.follow(sent);
    assert.match(login.flash, /What you had entered has been kept: sign in to go on/);
    const offered = await adam.follow(await signInAt(adam, sent.location, 'acme/adam'));
    const done = await adam.post('/admin/roles', offered.form('/admin/roles'));
    assert.deepEqual([done.status, await desk()], [303, 1]);
    const { _csrf = '' } = (await adam.open('/security')).form('/logout') as { _csrf?: string };
    await adam.submit('/security', '/logout');
    assert.match((await adam.follow(await adam.post('/logout', { _csrf }))).flash, /^You are signed out\.$/);
  });

  it('is kept sealed, and without its secrets', async () => {
    const fields = (await adam.open('/admin/users/new')).form('/admin/users');
    idle();
    await adam.post('/admin/users', { ...fields, onboarding: 'password', password: 'quiet-lantern-orchard-57' });
    const [row] = await KeptForm.findAll();
    assert.ok(row && !row.sealedFields.includes('quiet'));
    const about = `kept-form/${row.userId}/${row.id}`;
    assert.ok(!/quiet|correct/.test(portal.services.keys.open(row.sealedFields, about)));
  });

  it('is not kept where it has secrets alone, and nothing else is promised', async () => {
    const fields = (await adam.open('/security')).form('/security/password');
    idle();
    const typed = { currentPassword: PASSWORD, newPassword: 'quiet-lantern-orchard-57' };
    const sent = await adam.post('/security/password', { ...fields, ...typed });
    assert.equal(sent.location, '/login');
    assert.match((await adam.follow(sent)).flash, /signed out meanwhile, so nothing was done/);
    assert.equal(await KeptForm.count(), 0);
  });

  it('is nobody else’s, in the same browser or by its address in another', async () => {
    const { location } = await ask(adam, idle);
    const path = new URL(location, 'http://portal.test').searchParams.get('next') ?? '';
    const others: [Browser, string][] = [
      [adam, 'acme/olivia'],
      [adam, 'globex/gary'],
      // Who once had a session of the account must not lay a form out for its owner.
      [portal.browser(), 'acme/adam'],
    ];
    for (const [browser, who] of others) {
      const page = await browser.follow(await signInAt(browser, location, who));
      assert.ok(!page.forms().includes('/admin/roles'), who);
      assert.equal((await browser.get(path)).status, 303);
      const _csrf = await browser.csrf('/security');
      await browser.post('/admin/roles', { _csrf, _kept: new URLSearchParams(path.split('?')[1]).get('id') ?? '' });
      assert.equal(await desk(), 0, who);
      await browser.submit('/security', '/logout');
    }
  });

  it('is not kept for who cannot show that it is of that session’s pages', async () => {
    await ask(adam, idle);
    await KeptForm.destroy({ where: {} });
    for (const _csrf of ['', 'x'.repeat(86), await portal.browser().csrf('/login')]) {
      const answer = await adam.post('/admin/roles', { _csrf, name: 'Desk' });
      assert.equal(answer.location, '/login');
    }
    assert.equal(await KeptForm.count(), 0);
  });
});

import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { HOUR } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { setPolicy } from '../support/second-factor.js';

const FILE = '/admin/users/import/preview';
const TEXTS = '/admin/notifications/new-sign-in';

describe('More than 32 kB of a form is read', () => {
  let portal: Portal;
  let adam: Browser;
  let olivia: Browser;
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
    olivia = await portal.signedIn('acme/olivia');
  });
  after(() => portal.close());

  const send = (by: Browser, path: string, size: number): Promise<Page> => by.postRaw(path, `text=${'x'.repeat(size)}`);

  it('of whoever is signed in and may send so much there', async () => {
    assert.equal((await send(adam, FILE, 4_000_000)).status, 403, 'All of it was read, and has no token.');
    assert.equal((await send(adam, FILE, 6_000_000)).status, 413);
    assert.equal((await send(olivia, TEXTS, 100_000)).status, 403);
    assert.equal((await send(olivia, TEXTS, 200_000)).status, 413);
  });

  it('of nobody whose cookie we have not signed', async () => {
    const cookie = olivia.cookies.get('gatehouse') ?? '';
    const [, sid = '', signature = ''] = /^s%3A([\w-]+)\.(.+)$/.exec(cookie) ?? [];
    const other = (await portal.signedIn('acme/uma')).cookies.get('gatehouse') ?? '';
    assert.ok(sid !== '' && other !== '');
    for (const claimed of [
      null,
      '',
      sid,
      's%3Amade-up.signature',
      `s%3A${sid}.`,
      `s%3A${sid}.${[...signature].reverse().join('')}`,
      `s%3A${sid}.${other.split('.')[1] ?? ''}`,
      `s%3A${sid}x.${signature}`,
      `j%3A${sid}.${signature}`,
    ])
      for (const path of [FILE, TEXTS]) {
        const browser = portal.browser();
        if (claimed !== null) browser.cookies.set('gatehouse', claimed);
        assert.equal((await send(browser, path, 100_000)).status, 413, `${path} with ${claimed}`);
      }
  });

  it('of nobody whose session is over, who is told so', async () => {
    const ends: Record<string, (browser: Browser) => unknown> = {
      'signed out': async (browser) => {
        const cookies = [...browser.cookies];
        await browser.submit('/security', '/logout');
        for (const [name, value] of cookies) browser.cookies.set(name, value);
      },
      disabled: () => User.update({ status: 'disabled' }, { where: { id: portal.idOf('acme/audrey') } }),
      'a day later': () => portal.clock.move(24 * HOUR),
    };
    for (const [why, end] of Object.entries(ends)) {
      await User.update({ status: 'active' }, { where: { id: portal.idOf('acme/audrey') } });
      const audrey = await portal.signedIn('acme/audrey');
      await end(audrey);
      // As large as nobody may send.
      for (const path of [FILE, TEXTS]) {
        const { status, location } = await send(audrey, path, 6_000_000);
        assert.deepEqual([status, location], [303, '/login'], `${path}, ${why}`);
      }
      assert.match((await audrey.open('/login')).text, /You have been signed out meanwhile/);
    }
  });

  it('of nobody signed in who may not send a file there', async () => {
    for (const who of ['acme/uma', 'acme/audrey'])
      assert.equal((await send(await portal.signedIn(who), FILE, 100_000)).status, 413, who);
    const bound = await portal.signedIn('acme/adam');
    await User.update({ mustChangePassword: true }, { where: { id: portal.idOf('acme/adam') } });
    assert.equal((await send(bound, FILE, 100_000)).status, 413, 'Who must choose a new password first.');
    await User.update({ mustChangePassword: false }, { where: { id: portal.idOf('acme/adam') } });
    assert.equal((await send(bound, FILE, 100_000)).status, 403);
    await setPolicy(portal, 'acme', { allowedIps: '10.0.0.0/8' });
    assert.equal((await send(bound, FILE, 100_000)).status, 413, 'Who comes from elsewhere.');
  });
});

import assert from 'node:assert/strict';
import { COMMAND_LINE } from '#policies/actor.js';
import { inTransaction } from '#models/transaction.js';
import { record } from '#server/trace/record.js';
import type { Page } from '../support/browser.js';
import { HOUR } from '#server/lib/clock.js';
import { contextIn } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

const LIST = '/security/activity';

/** What the list says, newest first: what happened, and by whom. */
function entries(page: Page): string[] {
  return page.document
    .querySelectorAll('main .setting')
    .map(
      (one) =>
        `${one.querySelector('h3')?.text ?? ''} | ${(one.querySelector('p')?.text ?? '').replace(/\s+/g, ' ').trim()}`,
    );
}

describe('Recent activity', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('tells in plain words what the user did, and what was done to them, newest first', async () => {
    const browser = await portal.signedIn('acme/uma');
    await portal.browser().tryToSignIn('acme/uma', 'wrong');
    await browser.submit('/confirm', '/confirm', { password: 'wrong' });
    const adam = await portal.signedIn('acme/adam');
    const path = `/admin/users/${portal.idOf('acme/uma')}`;
    await adam.submit(path, `${path}/password-reset`);
    const listed = entries(await browser.get(LIST));
    const expected = [
      /^Password reset link sent \| By an administrator/,
      /^Confirmation failed: wrong password \| By you, with Firefox 143 on Linux, from 127\.0\.0\.1$/,
      /^Sign-in failed \| By somebody unknown, with Firefox 143 on Linux, from 127\.0\.0\.1$/,
      /^Signed in \| By you, with Firefox 143 on Linux, from 127\.0\.0\.1$/,
      /^User created \| By an administrator$/,
    ];
    assert.equal(listed.length, expected.length, listed.join('\n'));
    for (const [at, pattern] of expected.entries()) assert.match(listed[at] ?? '', pattern);
  });

  it('is only one’s own: not a colleague’s, and not what one did to others’ accounts twice', async () => {
    const browser = await portal.signedIn('acme/umar');
    const listed = entries(await browser.get(LIST));
    assert.deepEqual(
      listed.map((one) => one.split(' | ')[0]),
      ['Signed in', 'User created'],
    );
  });

  it('stands on the Security page in short, with a way to all of it', async () => {
    const browser = await portal.signedIn('acme/olivia');
    for (let index = 0; index < 7; index += 1)
      await browser
        .submit('/confirm', '/confirm', { password: index === 6 ? PASSWORD : 'wrong' })
        .catch(() => undefined);
    const page = await browser.get('/security');
    const section = page.document.querySelector('section[aria-labelledby=activity]');
    assert.equal(section?.querySelectorAll('.setting').length, 3);
    assert.equal(section.querySelector('.card-actions a')?.getAttribute('href'), LIST);
  });

  it('goes on to older ones, page by page, without leaving one out or telling one twice', async () => {
    const userId = portal.idOf('acme/audrey');
    const context = { ...(await contextIn(portal, 'acme')), actor: COMMAND_LINE };
    await inTransaction(async () => {
      for (let index = 0; index < 120; index += 1)
        await record(
          { ...context, now: context.now + Math.floor(index / 7) },
          { event: 'profile.changed', target: { type: 'user', id: userId }, details: { index } },
        );
    });
    const browser = await portal.signedIn('acme/audrey');
    const seen: string[] = [];
    let next: string | null = LIST;
    for (let pages = 0; next !== null && pages < 10; pages += 1) {
      const page: Page = await browser.get(next);
      seen.push(...entries(page));
      next = page.links().find((href) => href.startsWith(`${LIST}?before=`)) ?? null;
    }
    const rows = await portal.database.read(
      'SELECT COUNT(*) AS count FROM security_events WHERE actor_id = $1 OR target_id = $1',
      [userId],
    );
    assert.equal(seen.length, Number(rows[0]?.['count']));
    assert.equal(seen.filter((one) => one.startsWith('Profile changed')).length, 120);
  });

  it('shows the beginning to who asks for a place that is none', async () => {
    const browser = await portal.signedIn('acme/umar');
    const whole = entries(await browser.get(LIST)).length;
    for (const before of ['x', '-1', '0', '1e9', '9'.repeat(40), '1&before=2', "' OR 1=1"]) {
      const page = await browser.get(
        `${LIST}?before=${encodeURIComponent(before).replace('%26', '&').replace('%3D', '=')}`,
      );
      assert.equal(page.status, 200, before);
      assert.equal(entries(page).length, whole, before);
    }
    assert.deepEqual(entries(await browser.get(`${LIST}?before=1`)), []);
  });

  it('says so when there is nothing', async () => {
    const browser = await portal.signedIn('acme/umar');
    assert.match((await browser.get(`${LIST}?before=1`)).text, /Nothing yet/);
  });

  it('stands under the day it was on, in the reader’s own zone', async () => {
    const browser = await portal.signedIn('acme/umar');
    await browser.submit('/profile', '/profile', { timeZone: 'Asia/Tokyo' });
    const before = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'Asia/Tokyo' });
    const first = before.format(portal.clock.now());
    portal.clock.move(24 * HOUR);
    const later = await portal.signedIn('acme/umar');
    const days = (await later.get(LIST)).document.querySelectorAll('h2.day').map(({ text }) => text);
    assert.deepEqual(days, [before.format(portal.clock.now()), first]);
  });
});

import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { DAY } from '#server/lib/clock.js';
import { dayOf, timesFor } from '#server/http/times.js';
import { startPortal, type Portal } from '../support/portal.js';

const NOVEMBER = Date.parse('2026-11-28T04:56:07Z');
const PAGES = [
  '/security',
  '/security/sessions',
  '/security/activity',
  '/admin',
  '/admin/users',
  '/admin/security-log',
];

describe('Times', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('say their zone, in words of the reader’s own, and to the second where that is wanted', () => {
    for (const [zone, at, when, exact] of [
      ['Europe/Berlin', NOVEMBER, '28 Nov 2026, 05:56 CET', '28 Nov 2026, 05:56:07 CET'],
      ['Europe/Berlin', NOVEMBER - 150 * DAY, '1 Jul 2026, 06:56 CEST', '1 Jul 2026, 06:56:07 CEST'],
      ['UTC', NOVEMBER, '28 Nov 2026, 04:56 UTC', '28 Nov 2026, 04:56:07 UTC'],
      ['Asia/Kathmandu', NOVEMBER, '28 Nov 2026, 10:41 GMT+5:45', '28 Nov 2026, 10:41:07 GMT+5:45'],
    ] as const) {
      const times = timesFor('en', zone, NOVEMBER);
      assert.deepEqual([times.when(at), times.exact(at)], [when, exact]);
      assert.equal(dayOf('en', zone, at), when.split(',')[0]);
    }
  });

  it('are in UTC, or in English, where the engine has no such zone or language any more: no page and no list is lost', async () => {
    for (const none of ['xx-nosuch', 'no tag', '']) {
      const times = timesFor(none, 'Mars/Olympus', NOVEMBER);
      assert.deepEqual([times.when(NOVEMBER), times.ago(NOVEMBER - DAY)], ['28 Nov 2026, 04:56 UTC', 'yesterday']);
    }
    const adam = await portal.signedIn('acme/adam');
    for (const kept of [
      { timeZone: 'Mars/Olympus', locale: 'en' },
      { timeZone: '', locale: '' },
      { timeZone: 'Europe/Berlin', locale: 'xx-nosuch' },
    ]) {
      await User.update(kept, { where: { id: portal.idOf('acme/adam') } });
      for (const path of [
        ...PAGES,
        '/profile',
        '/security/tokens/new',
        '/admin/users?stale=yes',
        '/admin/security-log?from=2026-11-01',
      ])
        assert.equal((await adam.get(path)).status, 200, `${path} ${kept.timeZone}`);
      assert.equal((await adam.submit('/profile', '/profile', { timeZone: 'Asia/Tokyo', locale: 'en' })).status, 303);
    }
  });

  it('are each exact under the pointer, on every page, and those that run on say from when', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    await olivia.submit('/profile', '/profile', { timeZone: 'Asia/Tokyo' });
    for (const path of PAGES) {
      const times = (await olivia.open(path)).document.querySelectorAll('main time');
      assert.ok(times.length > 0, path);
      for (const time of times) {
        assert.match(time.getAttribute('title') ?? '', /^\d+ \w+ \d{4}, \d\d:\d\d:\d\d GMT\+9$/, path);
        const since = time.getAttribute('data-since') ?? time.querySelector('[data-since]')?.getAttribute('data-since');
        const at = Date.parse(time.getAttribute('datetime') ?? '');
        if (since !== undefined) assert.ok(Math.abs(portal.clock.now() - Number(since) - at) < 60_000, path);
        else assert.match(time.text, /\d\d:\d\d GMT\+9$/, path);
      }
    }
  });
});

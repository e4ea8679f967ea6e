import assert from 'node:assert/strict';
import { SshKey } from '#models/ssh-key.js';
import { dayOf } from '#server/http/times.js';
import { DAY } from '#server/lib/clock.js';
import { recordMany } from '#server/trace/record.js';
import type { Page } from '../support/browser.js';
import { addCredential } from '../support/checkup.js';
import { contextIn } from '../support/links.js';
import { withPasskey } from '../support/passkeys.js';
import { startPortal, type Portal } from '../support/portal.js';
import { watchStatements } from '../support/statements.js';
import { addSomebody, pageOf, userCalled } from '../support/users.js';

const numbers = (page: Page): Record<string, string> =>
  Object.fromEntries(
    page.document
      .querySelectorAll('.stat')
      .map((stat) => [stat.querySelector('a')!.text, stat.querySelector('.stat-number')!.text]),
  );

describe('The overview', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  it('is where an admin starts, and stands first under Administration', async () => {
    const adam = portal.browser();
    const page = await adam.follow(await adam.signIn('acme/adam', 'plum-harbour-violet-84'));
    assert.equal(page.path, '/admin');
    assert.equal(page.heading, 'Overview');
    const current = (one: Page) =>
      one.document.querySelectorAll('.menu-link[aria-current=page]').map((link) => link.text.trim());
    assert.deepEqual(current(page), ['Overview']);
    assert.deepEqual(current(await adam.open('/admin/users')), ['Users'], 'only the entry that the page belongs to');
    assert.deepEqual(current(await adam.open('/admin/users/new')), ['Users']);
  });

  it('tells how many users there are of each kind, and each number leads to that very list', async () => {
    const now = portal.clock.now();
    await (await addSomebody(portal, 'acme/iris', 'user')).update({ status: 'invited' });
    await (await userCalled(portal, 'acme/umar')).update({ status: 'disabled' });
    await (await userCalled(portal, 'acme/uma')).update({ createdAt: now - 100 * DAY, lockedUntil: now + 60_000 });
    await (await userCalled(portal, 'acme/adam')).update({ twoFactor: 'active' });
    await (await userCalled(portal, 'globex/gina')).update({ status: 'disabled', lockedUntil: now + 60_000 });
    await addCredential(portal, { createdAt: now - 100 * DAY, expiresAt: now + 10 * DAY });
    await addCredential(portal, { createdAt: now - 100 * DAY, revokedAt: now });
    const audrey = await portal.signedIn('acme/audrey');
    const page = await audrey.open('/admin');
    assert.match(page.text, /25 % of people have a second factor 1 with one, 3 without, of 4 who can sign in/);
    assert.deepEqual(numbers(page), {
      'Active users': '5',
      Invited: '1',
      Disabled: '1',
      Locked: '1',
      Stale: '1',
      'Credentials that end soon': '1',
      'Unused credentials': '1',
    });
    for (const stat of page.document.querySelectorAll('.stat')) {
      const behind = await audrey.open(stat.querySelector('a')!.getAttribute('href')!);
      assert.equal(
        String(behind.document.querySelectorAll('tbody tr').length),
        stat.querySelector('.stat-number')!.text,
      );
    }
  });

  it('lists the newest events of note, in plain words, with who did it and to whom', async () => {
    const adam = await portal.signedIn('acme/adam');
    const uma = pageOf(portal.idOf('acme/uma'));
    await adam.submit(uma, uma, { status: 'disabled' });
    const page = await adam.open('/admin');
    const [newest] = page.document.querySelectorAll('.setting');
    assert.match(newest!.text, /User disabled.*High.*By Adam Arslan, about Uma Ndiaye/s);
    assert.match(newest!.querySelector('a')!.getAttribute('href')!, /^\/admin\/security-log\/[0-9a-f-]{36}$/);
    assert.match(page.text, /Organisation created.*By the command line|User created.*By the command line/s);
    assert.doesNotMatch(page.text, /Signed in/);
    await adam.submit(`${uma}/removal`, `${uma}/removal`, { username: 'uma' });
    const [deletion] = (await adam.open('/admin')).document.querySelectorAll('.setting');
    assert.match(deletion!.text, /User deleted.*By Adam Arslan\s/s, 'whoever is gone has no name here');
  });

  it('gathers what one person did again and again into one line, which leads to all of it', async () => {
    const adam = await portal.signedIn('acme/adam');
    for (const who of ['uma', 'umar']) {
      const page = pageOf(portal.idOf(`acme/${who}`));
      await adam.submit(page, page, { status: 'disabled' });
    }
    const page = await adam.open('/admin');
    const [line] = page.document.querySelectorAll('.setting');
    assert.match(line!.text, /2 users disabled.*High.*By Adam Arslan/s);
    const behind = await adam.open(line!.querySelector('a')!.getAttribute('href')!);
    assert.equal(behind.document.querySelectorAll('tbody tr').length, 2);
  });

  it('draws the sign-ins and failures of 30 days, with the numbers beside, and each leads to the log', async () => {
    const context = await contextIn(portal, 'acme');
    const past = portal.clock.now() - 3 * DAY;
    const failures = Array.from({ length: 5 }, () => ({ event: 'sign-in.failed' as const, at: past }));
    const old = { event: 'sign-in.failed' as const, at: portal.clock.now() - 40 * DAY };
    await recordMany(context, context.tenant.id, [...failures, old]);
    const adam = await portal.signedIn('acme/adam');
    const page = await adam.open('/admin');
    assert.match(page.text, /1 went well, 5 failed/);
    const rows = page.document
      .querySelectorAll('.chart-numbers tbody tr')
      .map((row) => row.childNodes.map(({ text }) => text.trim()).filter(Boolean));
    assert.equal(rows.length, 30);
    assert.deepEqual(rows.at(-4), [dayOf('en', 'UTC', past), '0', '5']);
    assert.equal(page.document.querySelectorAll('.chart svg rect').length, 2);
    for (const link of page.document.querySelectorAll('[aria-labelledby=sign-ins] .card-subtitle a')) {
      const behind = await adam.open(link.getAttribute('href')!.replaceAll('&amp;', '&'));
      assert.equal(behind.document.querySelectorAll('tbody tr').length, Number.parseInt(link.text, 10));
    }
  });

  it('leads from every number to a list of as many, wherever its reader is, whatever else there is', async () => {
    const now = portal.clock.now();
    const { id: umar, tenantId } = await userCalled(portal, 'acme/umar');
    // Half a day from UTC; and what happened a minute before midnight there and here.
    await (await userCalled(portal, 'acme/olivia')).update({ timeZone: 'Pacific/Kiritimati' });
    await (await userCalled(portal, 'acme/uma')).update({ twoFactor: 'pending', createdAt: now - 100 * DAY });
    await withPasskey(portal, 'acme/umar');
    await addCredential(portal, { createdAt: now - 100 * DAY, expiresAt: now + 10 * DAY });
    const key = { tenantId, userId: umar, name: 'Laptop', type: 'ssh-ed25519', bits: 256, blob: '', comment: '' };
    await SshKey.create({ ...key, fingerprint: 'SHA256:a', createdAt: now - 100 * DAY, expiresAt: now + DAY });
    const context = await contextIn(portal, 'acme');
    const midnight = Math.floor(now / DAY) * DAY;
    const failed = (at: number) => ({ event: 'sign-in.failed' as const, at });
    await recordMany(context, tenantId, [midnight - 30 * DAY, midnight - 29 * DAY, midnight - 1, midnight].map(failed));
    const adam = await portal.signedIn('acme/adam');
    for (const who of ['acme/uma', 'acme/umar']) {
      const path = pageOf(portal.idOf(who));
      await adam.submit(path, path, { status: 'disabled' });
      await adam.submit(path, path, { status: 'active' });
    }
    await recordMany(context, tenantId, [{ event: 'user.disabled', at: midnight - 1 }, { event: 'user.disabled' }]);
    const olivia = await portal.signedIn('acme/olivia');
    const page = await olivia.open('/admin');
    const days = page.document.querySelectorAll('.chart-numbers td');
    assert.deepEqual(
      days.filter((one) => one.text.trim() !== '0' && !one.querySelector('a')).map(({ text }) => text),
      [],
    );
    const numbered = 'main .card-subtitle a, main .stat, main .setting h3 a, .chart-numbers td a';
    const links = page.document.querySelectorAll(numbered).map((one) => {
      const link = one.tagName === 'A' ? one : one.querySelector('a')!;
      const number = one.tagName === 'A' ? one.text : one.querySelector('.stat-number')!.text;
      return { href: link.getAttribute('href')!.replaceAll('&amp;', '&'), number: Number.parseInt(number, 10) };
    });
    const counted = links.filter(({ number }) => !Number.isNaN(number));
    assert.ok(counted.length >= 14, page.text);
    for (const { href, number } of counted)
      assert.equal((await olivia.open(href)).document.querySelectorAll('tbody tr:has(th)').length, number, href);
  });

  it('counts the days of the log right, however its rows are written', async () => {
    const kept = 'SELECT tenant_id, event, day, happened FROM security_event_days ORDER BY tenant_id, event, day';
    const counted = `SELECT tenant_id, event, at / ${DAY} AS day, COUNT(*) AS happened FROM security_events
      GROUP BY tenant_id, event, at / ${DAY} ORDER BY tenant_id, event, day`;
    const context = await contextIn(portal, 'acme');
    await recordMany(context, context.tenant.id, [{ event: 'sign-out', at: 5 }, { event: 'sign-out' }]);
    await portal.signedIn('acme/uma');
    const read = (sql: string) => portal.database.read(sql, []);
    assert.deepEqual(await read(kept), await read(counted));
  });

  it('is two reads beside who is signed in: its figures, and the check-up', async () => {
    const adam = await portal.signedIn('acme/adam');
    await adam.open('/admin');
    const { reads } = watchStatements(portal);
    await adam.open('/admin');
    assert.equal(reads.length, 3, reads.join('\n'));
  });

  it('lists them by date, as the log does, also where older ones were written later', async () => {
    const context = await contextIn(portal, 'acme');
    const past = { event: 'user.disabled' as const, at: portal.clock.now() - DAY };
    await recordMany(context, context.tenant.id, [past]);
    const page = await (await portal.signedIn('acme/adam')).open('/admin');
    const events = page.document.querySelectorAll('.setting h3').map(({ text }) => text.includes('User disabled'));
    assert.equal(events.indexOf(true), events.length - 1);
  });

  it('is not for plain users, and nobody sees another organisation in it', async () => {
    assert.equal((await (await portal.signedIn('acme/uma')).get('/admin')).status, 403);
    assert.match((await portal.browser().get('/admin')).location, /^\/login/);
    const gary = await portal.signedIn('globex/gary');
    const page = await gary.open('/admin');
    assert.equal(numbers(page)['Active users'], '3');
    assert.doesNotMatch(page.text, /Uma|Olivia|Acme/);
  });
});

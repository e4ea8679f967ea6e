import assert from 'node:assert/strict';
import { DigestReader } from '#models/digest-reader.js';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import { sendDigests } from '#server/jobs/daily-digest.js';
import { DAY, HOUR } from '#server/lib/clock.js';
import { localTimeOf } from '#server/lib/days.js';
import { record, recordMany } from '#server/trace/record.js';
import type { Browser } from '../support/browser.js';
import { contextIn } from '../support/links.js';
import { newestDetails } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';

const AUDREY = 'audrey@acme.example';

describe('The daily digest', () => {
  let portal: Portal;
  let audrey: Browser;
  before(async () => {
    portal = await startPortal();
    audrey = await portal.signedIn('acme/audrey');
    await User.update({ status: 'active' }, { where: {} });
  });
  after(() => portal.close());
  const digests = async () =>
    (await portal.inbox.mailsTo(AUDREY)).filter(({ subject }) => /what the security log says/.test(subject));
  const send = (): Promise<number> => sendDigests(portal.services);
  /** To this hour of the next day in this zone. */
  const moveTo = (hour: number, zone = 'UTC'): void => {
    do portal.clock.move(HOUR / 4);
    while (localTimeOf(portal.clock.now(), zone).hour !== hour);
  };

  it('is off until one ticks it in one’s profile, where only who may read the log is offered it', async () => {
    const uma = await portal.signedIn('acme/uma');
    assert.equal((await uma.get('/profile')).document.querySelector('[name=dailyDigest]'), null);
    const form = (await uma.get('/profile')).form('/profile');
    await uma.post('/profile', { ...form, dailyDigest: 'on' });
    assert.equal(await DigestReader.count(), 0, 'Nor does it help to send the field.');
    assert.equal((await audrey.get('/profile')).document.querySelector('[name=dailyDigest][checked]'), null);
    assert.equal((await audrey.submit('/profile', '/profile', { dailyDigest: 'on' })).status, 303);
    assert.ok((await audrey.get('/profile')).document.querySelector('[name=dailyDigest][checked]'));
    assert.deepEqual(await newestDetails(portal, 'acme', 'profile.changed'), {
      dailyDigest: { from: false, to: true },
    });
  });

  it('comes at seven in the reader’s zone, once, however many workers there are, and says what was high and unusual', async () => {
    const context = await contextIn(portal, 'acme');
    moveTo(6);
    const now = portal.clock.now();
    const { tenant } = context;
    const failed = Array.from({ length: 12 }, () => ({ event: 'sign-in.failed' as const, at: now }));
    await recordMany(context, tenant.id, [
      ...failed,
      { event: 'role.changed', at: now },
      { event: 'role.changed', at: now },
    ]);
    assert.equal(await send(), 0, 'It is six.');
    moveTo(7);
    const sent = await Promise.all([send(), send()]);
    assert.deepEqual(sent.sort(), [0, 1]);
    assert.equal(await send(), 0);
    const [mail] = await digests();
    assert.match(mail?.text ?? '', /High: +2 roles changed/);
    assert.match(mail?.text ?? '', /Unusual: +Sign-in failed, 12 times in a day, where none is usual/);
    assert.match(mail?.text ?? '', /\/admin\/security-log/);
    assert.equal((await digests()).length, 1);
  });

  it('is not sent where there is nothing to tell, and tells of nothing twice', async () => {
    moveTo(8);
    moveTo(7);
    assert.equal(await send(), 0);
    assert.equal((await digests()).length, 1);
  });

  it('comes at seven of another zone, when one has moved there', async () => {
    await User.update({ timeZone: 'Asia/Tokyo' }, { where: { email: AUDREY } });
    await record({ ...(await contextIn(portal, 'acme')), now: portal.clock.now() }, { event: 'role.removed' });
    moveTo(6, 'Asia/Tokyo');
    const there = localTimeOf(portal.clock.now(), 'Asia/Tokyo').day;
    await DigestReader.update({ toldDay: new Date(Date.parse(there) - DAY).toISOString().slice(0, 10) }, { where: {} });
    assert.equal(await send(), 0);
    moveTo(7, 'Asia/Tokyo');
    assert.equal(await send(), 1);
    assert.match((await digests()).at(-1)?.text ?? '', /Role removed/);
  });

  it('ends with the right to read the log, and with the account being disabled', async () => {
    await record(await contextIn(portal, 'acme'), { event: 'role.removed' });
    moveTo(8, 'Asia/Tokyo');
    moveTo(7, 'Asia/Tokyo');
    await User.update({ status: 'disabled' }, { where: { email: AUDREY } });
    assert.equal(await send(), 0);
    await User.update({ status: 'active' }, { where: { email: AUDREY } });
    await Role.update({ key: null, permissions: '["users:read"]' }, { where: { key: 'auditor' } });
    assert.equal(await send(), 0);
    await Role.update({ permissions: '["log:read"]' }, { where: { name: 'Auditor' } });
    assert.equal(await send(), 1);
  });
});

import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { PolicyEntry } from '#models/policy-entry.js';
import { ScheduledPolicy } from '#models/scheduled-policy.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { DEFAULT_POLICY } from '#policies/security-policy.js';
import { startDueChanges } from '#server/features/security-policy/start.js';
import { noticeComingChanges } from '#server/jobs/policy-notices.js';
import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';
import { minuteIn } from '#server/lib/days.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { contextIn, logged } from '../support/links.js';
import { newestDetails } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf, tokenFor, bearer } from '../support/programs.js';
import { enrol } from '../support/second-factor.js';

const PATH = '/admin/security-policy';
const PREVIEW = `${PATH}/preview`;
const REMOVAL = `${PATH}/scheduled/removal`;

describe('A change of the security policy that starts at a date', () => {
  let portal: Portal;
  let adam: Browser;
  let acme: string;
  before(async () => {
    portal = await startPortal();
    acme = (await contextIn(portal, 'acme')).tenant.id;
  });
  after(() => portal.close());
  beforeEach(async () => {
    adam = await portal.signedIn('acme/adam');
  });
  afterEach(async () => {
    await ScheduledPolicy.destroy({ where: {} });
    await SecurityPolicy.update({ ...DEFAULT_POLICY }, { where: {} });
    await User.update({ status: 'active', timeZone: 'UTC' }, { where: { id: portal.idOf('acme/adam') } });
  });

  const at = (later: number, zone = 'UTC'): string => minuteIn(portal.clock.now() + later, zone);
  const send = async (fields: Fields, path = PATH, by = adam): Promise<Page> =>
    by.post(path, { ...(await by.open(PATH)).form(PATH), ...fields });
  const set = async (fields: Fields, later = 2 * DAY): Promise<void> => {
    assert.equal((await send({ ...fields, startsAt: at(later) })).status, 303);
  };
  const policy = () => SecurityPolicy.of(acme);
  const waiting = () => ScheduledPolicy.of(acme);
  const start = (): Promise<number> => startDueChanges(portal.services);
  const mails = (event: string) => OutboxMessage.findAll({ where: { event }, order: [['id', 'ASC']] });

  it('changes nothing until then, is shown with who and what, and then happens once, however many are at it', async () => {
    await set({ maxSessions: '4', minLength: '20' });
    assert.equal((await policy()).maxSessions, 20);
    const page = await adam.open(PATH);
    assert.match(page.text, /A change is set for later It starts on .* UTC\. Set by Adam Arslan \(adam\)/);
    assert.match(page.text, /Sessions at once\s*20 sessions\s*4 sessions/);
    const details = await newestDetails(portal, 'acme', 'policy.scheduled');
    assert.deepEqual(details['maxSessions'], { from: 20, to: 4 });
    portal.clock.move(2 * DAY - 2 * MINUTE);
    assert.equal(await start(), 0);
    portal.clock.move(3 * MINUTE);
    const entries = await PolicyEntry.count();
    const done = await Promise.all([start(), start(), start()]);
    assert.equal(done[0] + done[1] + done[2], 1);
    assert.equal(await start(), 0);
    assert.deepEqual([(await policy()).maxSessions, (await policy()).minLength], [4, 20]);
    assert.equal(await PolicyEntry.count(), entries + 1);
    assert.deepEqual(await logged(portal, 'acme', 'policy.schedule-dropped'), [], 'and nobody finds it done already');
    const entry = await PolicyEntry.findOne({ where: { tenantId: acme }, order: [['id', 'DESC']] });
    assert.deepEqual([entry?.way, entry?.actorId], ['scheduled', portal.idOf('acme/adam')]);
    assert.equal(await waiting(), null);
  });

  it('happens whole or not at all: whoever is killed in the middle leaves it waiting', async () => {
    await set({ maxSessions: '4' });
    portal.clock.move(3 * DAY);
    const { create } = PolicyEntry;
    PolicyEntry.create = () => Promise.reject(new Error('The process is gone.'));
    try {
      await assert.rejects(start(), /The process is gone/);
    } finally {
      PolicyEntry.create = create;
    }
    assert.equal((await policy()).maxSessions, 20);
    assert.equal(await start(), 1);
    assert.equal((await policy()).maxSessions, 4);
  });

  it('is made on top of what was changed until then', async () => {
    await set({ maxSessions: '4' });
    assert.equal((await send({ stepUpMinutes: '5', minLength: '16' })).status, 303);
    portal.clock.move(3 * DAY);
    assert.equal(await start(), 1);
    const { maxSessions, stepUpMinutes, minLength, preset } = await policy();
    assert.deepEqual([maxSessions, stepUpMinutes, minLength, preset], [4, 5, 16, 'custom']);
  });

  it('starts at the minute that clocks show where whoever sets it lives', async () => {
    await User.update({ timeZone: 'Asia/Tokyo' }, { where: { id: portal.idOf('acme/adam') } });
    const startsAt = at(2 * DAY, 'Asia/Tokyo');
    const shown = await send({ maxSessions: '4', startsAt }, PREVIEW);
    assert.match(shown.text, /It would start on .* \(Asia\/Tokyo\)/);
    assert.equal((await adam.post(PATH, shown.form(PATH))).status, 303);
    assert.equal((await waiting())?.startsAt, Date.parse(`${startsAt}:00+09:00`));
    assert.match((await (await portal.signedIn('acme/olivia')).open(PATH)).text, /GMT\+9 \(Asia\/Tokyo\)/);
  });

  it('says UTC once where whoever sets it lives by that', async () => {
    const shown = await send({ maxSessions: '4', startsAt: at(2 * DAY, 'UTC') }, PREVIEW);
    assert.match(shown.text, /It would start on [^.(]* UTC\./);
  });

  it('is in the future, within a year, and at a time that there is', async () => {
    await User.update({ timeZone: 'Europe/Paris' }, { where: { id: portal.idOf('acme/adam') } });
    const year = new Date(portal.clock.now()).getUTCFullYear() + 1;
    const forward = { 2026: '2026-03-29', 2027: '2027-03-28', 2028: '2028-03-26' }[year] ?? '2029-03-25';
    for (const startsAt of [at(-HOUR, 'Europe/Paris'), at(400 * DAY), `${forward}T02:30`, '2027-02-30T08:00', 'soon'])
      for (const path of [PATH, PREVIEW]) {
        const answer = await send({ maxSessions: '4', startsAt }, path);
        assert.equal(answer.status, 422, startsAt);
        assert.notEqual(answer.errorOf('startsAt'), '', startsAt);
      }
    assert.equal((await send({ startsAt: at(DAY, 'Europe/Paris') })).status, 422, 'nothing would change');
    const program = await programOf(portal, 'acme/olivia');
    for (const startsAt of [`${year}-02-30T08:00Z`, `${year}-02-30T08:00:00.000Z`, `${year}-02-30T08:00`]) {
      const { status, body } = await program.put('/security-policy', { maxSessions: 4, startsAt });
      assert.deepEqual([status, /no such time/.test(String(body['detail']))], [422, true], startsAt);
    }
    assert.equal(await waiting(), null);
  });

  it('is one at a time, and replaced only after asking', async () => {
    await set({ maxSessions: '4' });
    const first = await waiting();
    const asked = await send({ stepUpMinutes: '5', startsAt: at(5 * DAY) });
    assert.equal(asked.status, 200);
    assert.match(asked.text, /Another change is set for later Adam Arslan has set one/);
    assert.equal((await waiting())?.id, first?.id);
    assert.equal((await adam.post(PATH, asked.form(PATH))).status, 303);
    assert.notEqual((await waiting())?.id, first?.id);
    assert.match((await waiting())?.differences ?? '', /stepUpMinutes/);
    const rows = await logged(portal, 'acme', 'policy.schedule-removed');
    assert.ok(rows.length > 0, 'the log tells of the one that is gone');
    // Whoever was asked about another one is asked again.
    assert.equal((await adam.post(PATH, { ...asked.form(PATH), _form: '' })).status, 200);
  });

  it('is taken back after a question', async () => {
    await set({ maxSessions: '4' });
    const page = await adam.open(PATH);
    assert.ok(page.links().includes(REMOVAL));
    const question = await adam.open(REMOVAL);
    assert.match(question.text, /goes for good, and the security policy stays as it is/);
    assert.equal((await adam.post(REMOVAL, question.form(REMOVAL))).status, 303);
    assert.equal(await waiting(), null);
    portal.clock.move(3 * DAY);
    assert.equal(await start(), 0);
    assert.equal((await (await portal.signedIn('acme/audrey')).get(REMOVAL)).status, 403);
  });

  for (const [why, lose, said] of [
    ['is disabled', () => User.update({ status: 'disabled' }, { where: { username: 'adam' } }), /disabled or removed/],
    ['has said since that it was not them', () => ScheduledPolicy.doubt(acme, portal.idOf('acme/adam')), /wasn’t me/],
    [
      'set it from where nobody is let in now',
      () => SecurityPolicy.update({ allowedIps: '203.0.113.0/24' }, { where: {} }),
      /address that is no longer allowed/,
    ],
  ] as const) {
    it(`does not happen when whoever set it ${why}, and the owners are told`, async () => {
      await set({ maxSessions: '4' });
      await lose();
      portal.clock.move(3 * DAY);
      const before = (await mails('policy-change-dropped')).length;
      assert.equal(await start(), 0);
      await start();
      assert.equal((await policy()).maxSessions, 20);
      assert.equal(await waiting(), null);
      assert.match(String((await newestDetails(portal, 'acme', 'policy.schedule-dropped'))['reason']), said);
      const told = (await mails('policy-change-dropped')).slice(before);
      assert.deepEqual(
        told.map(({ recipient }) => recipient),
        ['olivia@acme.example'],
        'once',
      );
    });
  }

  it('waits while the organisation is suspended', async () => {
    await set({ maxSessions: '4' });
    portal.clock.move(3 * DAY);
    await Tenant.update({ status: 'suspended' }, { where: { id: acme } });
    assert.equal(await start(), 0);
    await Tenant.update({ status: 'active' }, { where: { id: acme } });
    assert.equal(await start(), 1);
  });

  it('lifts from nobody what they must do themselves when the time has come', async () => {
    await SecurityPolicy.update({ twoFactor: 'required', twoFactorSince: portal.clock.now() }, { where: {} });
    await User.update({ twoFactor: 'active' }, { where: { username: 'adam' } });
    assert.equal((await send({ twoFactor: 'optional', startsAt: at(2 * DAY) })).status, 303);
    await User.update({ twoFactor: 'disabled' }, { where: { username: 'adam' } });
    assert.equal((await send({ twoFactor: 'off', startsAt: at(3 * DAY) })).status, 422);
    portal.clock.move(3 * DAY);
    assert.equal(await start(), 0);
    assert.equal((await policy()).twoFactor, 'required');
    assert.match(
      String((await newestDetails(portal, 'acme', 'policy.schedule-dropped'))['reason']),
      /cannot lift that/,
    );
  });

  it('those who must do something are told 7 days and 1 day before, once each', async () => {
    await enrol(portal, 'acme/umar');
    const aged = portal.clock.now() - 25 * DAY;
    await User.update({ passwordChangedAt: aged }, { where: { username: ['umar', 'gina'] } });
    await set({ twoFactor: 'required', maxAgeDays: '30' }, 10 * DAY);
    const told: [number, number][] = [];
    for (let day = 0; day < 10; day += 0.5) {
      const both = await Promise.all([noticeComingChanges(portal.services), noticeComingChanges(portal.services)]);
      if (both[0] + both[1] > 0) told.push([day, both[0] + both[1]]);
      portal.clock.move(DAY / 2);
    }
    assert.deepEqual(told, [
      [3, 5],
      [9, 5],
    ]);
    const sent = await mails('policy-change-coming');
    const whom = sent.map(({ recipient }) => recipient.split('@')[0] ?? '');
    assert.deepEqual(
      whom.sort(),
      ['adam', 'audrey', 'olivia', 'uma', 'umar'].flatMap((one) => [one, one]),
    );
    const text = String((await portal.inbox.newestTo('umar@acme.example')).text);
    assert.match(text, /For your account that means: choose a new password/);
    assert.doesNotMatch(text, /set up two-factor/);
  });

  it('is set, seen and taken back by programs; a credential that no longer works does nothing then', async () => {
    const { id, secret } = await tokenFor(portal, 'acme/adam');
    const program = bearer(portal, secret);
    const startsAt = new Date(portal.clock.now() + 2 * DAY).toISOString();
    const { status, body, text } = await program.put('/security-policy', { maxSessions: 4, startsAt });
    assert.equal(status, 200, text);
    assert.equal(body['maxSessions'], 20);
    const scheduled = body['scheduled'] as { id: string; startsAt: string; author: { username: string } };
    assert.deepEqual([scheduled.startsAt, scheduled.author.username], [startsAt, 'adam']);
    const reader = await programOf(portal, 'acme/audrey');
    assert.deepEqual((await reader.get('/security-policy')).body['scheduled'], body['scheduled']);
    assert.equal((await program.put('/security-policy', { maxSessions: 5, startsAt })).status, 409);
    const replaced = await program.put('/security-policy', { maxSessions: 5, startsAt, replaces: scheduled.id });
    assert.equal(replaced.status, 200);
    const second = (replaced.body['scheduled'] as { id: string }).id;
    assert.equal(
      (await program.put('/security-policy', { maxSessions: 6, replaces: second })).status,
      422,
      'It would wait on.',
    );
    assert.equal((await program.delete('/security-policy/scheduled')).status, 204);
    assert.equal((await program.delete('/security-policy/scheduled')).status, 404);
    assert.equal((await program.put('/security-policy', { startsAt: 'tomorrow' })).status, 422);
    await program.put('/security-policy', { maxSessions: 5, startsAt });
    await ApiCredential.update({ revokedAt: portal.clock.now() }, { where: { id } });
    portal.clock.move(3 * DAY);
    assert.equal(await start(), 0);
    assert.match(
      String((await newestDetails(portal, 'acme', 'policy.schedule-dropped'))['reason']),
      /credential that it was set with no longer works/,
    );
  });
});

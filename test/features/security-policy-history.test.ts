import assert from 'node:assert/strict';
import { migrate } from '#models/migrations/index.js';
import { PolicyEntry } from '#models/policy-entry.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { User } from '#models/user.js';
import { DEFAULT_POLICY } from '#policies/security-policy.js';
import { changePolicy } from '#server/features/security-policy/actions.js';
import { SECOND } from '#server/lib/clock.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { contentsOf } from '../support/database.js';
import { contextIn } from '../support/links.js';
import { newestDetails, table } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';

const PATH = '/admin/security-policy';
const HISTORY = `${PATH}/history`;

describe('The history of the security policy', () => {
  let portal: Portal;
  let adam: Browser;
  let gary: Browser;
  let acme: string;
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
    gary = await portal.signedIn('globex/gary');
    acme = (await contextIn(portal, 'acme')).tenant.id;
  });
  after(() => portal.close());
  // Of one millisecond the order would be by chance.
  beforeEach(() => portal.clock.move(SECOND));

  const save = async (fields: Fields): Promise<void> => {
    assert.equal((await adam.submit(PATH, PATH, fields)).status, 303);
  };
  const newest = async (): Promise<PolicyEntry> =>
    PolicyEntry.findOne({ where: { tenantId: acme }, order: [['id', 'DESC']], rejectOnEmpty: true });
  const restoration = (id: string): string => `${HISTORY}/${id}/restoration`;
  const askFor = async (id: string, by = adam): Promise<Page> =>
    by.post(restoration(id), { _csrf: await by.csrf(HISTORY) });
  const policy = async () => SecurityPolicy.of(acme);

  it('begins with the organisation', async () => {
    const page = await gary.open(HISTORY);
    assert.equal(table(page).length, 1);
    assert.match(page.text, /Command line\s*The organisation was added/);
    const [entry] = await PolicyEntry.findAll({ where: { tenantId: acme } });
    assert.deepEqual(JSON.parse(entry?.state ?? ''), DEFAULT_POLICY);
  });

  it('says who changed what, when, from what to what, whichever way it was changed', async () => {
    await save({ maxSessions: '4' });
    portal.clock.move(SECOND);
    await adam.post(PATH, { _csrf: await adam.csrf(PATH), preset: 'classic' });
    portal.clock.move(SECOND);
    const program = await programOf(portal, 'acme/olivia');
    assert.equal((await program.put('/security-policy', { stepUpMinutes: 5 })).status, 200);
    portal.clock.move(SECOND);
    await changePolicy(await contextIn(portal, 'acme'), { sessionMaxHours: 8 });
    const rows = table(await adam.open(HISTORY));
    assert.match(rows[0]?.join(' ') ?? '', /Command line.*Sign out after: 12 hours → 8 hours/);
    assert.match(rows[1]?.join(' ') ?? '', /Olivia.*olivia Changed Confirm again after: 10 minutes → 5 minutes/);
    assert.match(rows[2]?.join(' ') ?? '', /adam.*Preset: NIST SP 800-63B → Classic.*values more/);
    assert.match(rows[3]?.join(' ') ?? '', /adam.*Sessions at once: 20 sessions → 4 sessions/);
    assert.equal(table(await gary.open(HISTORY)).length, 1, 'another organisation has a history of its own');
  });

  it('shows what waits for its time above what has been: who set it, when it starts, from what to what', async () => {
    const removal = `${PATH}/scheduled/removal`;
    await save({ maxSessions: '7', startsAt: '2027-01-31T08:00' });
    const page = await adam.open(HISTORY);
    assert.match(page.text, /A change is set for later It starts on 31 Jan 2027.* UTC\. Set by Adam Arslan \(adam\), /);
    assert.match(page.text, /Sessions at once\s*4 sessions\s*7 sessions/);
    assert.ok(page.links().includes(removal));
    const audrey = await (await portal.signedIn('acme/audrey')).open(HISTORY);
    assert.match(audrey.text, /A change is set for later/);
    assert.ok(!audrey.links().includes(removal), 'who may only look takes nothing back');
    assert.match((await adam.open(`${HISTORY}?q=7+sessions`)).text, /A change is set for later/);
    for (const other of [`${HISTORY}?q=8+hours`, `${HISTORY}?page=2`])
      assert.doesNotMatch((await adam.open(other)).text, /set for later/);
    assert.doesNotMatch((await gary.open(HISTORY)).text, /set for later/);
    await adam.submit(removal, removal);
    assert.doesNotMatch((await adam.open(HISTORY)).text, /A change is set for later/);
  });

  it('has no entry of what changed nothing', async () => {
    const count = await PolicyEntry.count();
    await save({});
    assert.equal(await PolicyEntry.count(), count);
  });

  it('shows of each change all that the policy was after it', async () => {
    const entry = await newest();
    const page = await adam.open(`${HISTORY}/${entry.id}`);
    assert.match(page.text, /Sign out after\s*12 hours\s*8 hours/);
    assert.match(page.text, /Minimum length\s*8 characters/);
    assert.match(page.text, /Confirm again after\s*5 minutes/);
  });

  it('puts a state back, through the preview that any change has', async () => {
    const entry = await newest();
    await save({ maxSessions: '9', minLength: '12', allowedIps: '127.0.0.0/8, ::1' });
    const before = await contentsOf(portal.database);
    const page = await askFor(entry.id);
    assert.equal(page.status, 200);
    assert.equal(page.heading, 'Review the change');
    assert.match(page.text, /Minimum length\s*12 characters\s*8 characters/);
    assert.match(page.text, /Allowed IP addresses\s*127\.0\.0\.0\/8, ::1\s*All/);
    const { answered_forms: _, ...after } = await contentsOf(portal.database);
    const { answered_forms: __, ...was } = before;
    assert.deepEqual(after, was, 'nothing is saved yet');

    portal.clock.move(SECOND);
    assert.equal((await adam.post(restoration(entry.id), page.form(restoration(entry.id)))).status, 303);
    const now = await policy();
    assert.deepEqual([now.maxSessions, now.minLength, now.preset, now.allowedIps], [4, 8, 'classic', '']);
    const restored = await newest();
    assert.deepEqual([restored.way, restored.restoredId], ['restored', entry.id]);
    assert.equal((await newestDetails(portal, 'acme', 'policy.changed'))['restored'], entry.id);
    assert.match((await adam.open(HISTORY)).text, /Restored/);
    assert.match((await askFor(entry.id)).text, /Nothing would change/);
  });

  it('leaves as it is what has become a setting since, and what is no longer one of the values', async () => {
    const entry = await newest();
    const { lockoutThreshold: _, ...state } = JSON.parse(entry.state) as Record<string, unknown>;
    await entry.update({ state: JSON.stringify({ ...state, maxSessions: 4000, formerSetting: 1 }) });
    await save({ lockoutThreshold: '7', maxSessions: '11', history: '9' });
    const page = await askFor(entry.id);
    await adam.post(restoration(entry.id), page.form(restoration(entry.id)));
    const now = await policy();
    assert.deepEqual([now.lockoutThreshold, now.maxSessions, now.history], [7, 11, 5]);
  });

  it('puts nothing back that would lock out whoever asks', async () => {
    const entry = await newest();
    const state = JSON.parse(entry.state) as Record<string, unknown>;
    await entry.update({ state: JSON.stringify({ ...state, allowedIps: '203.0.113.0/24' }) });
    const page = await askFor(entry.id);
    assert.equal(page.status, 422);
    assert.match(page.alert, /you would lock yourself out/);
    const csrf = await adam.csrf(HISTORY);
    assert.equal((await adam.post(restoration(entry.id), { _csrf: csrf, confirmed: '1' })).status, 422);
    assert.equal((await policy()).allowedIps, '');
    await entry.update({ state: JSON.stringify(state) });
  });

  it('lifts from nobody what they must do themselves', async () => {
    const entry = await newest();
    await save({ twoFactor: 'required', graceDays: '14' });
    const refused = await askFor(entry.id);
    assert.equal(refused.status, 422);
    assert.match(refused.alert, /cannot lift that from yourself/);
    for (const fields of [{ twoFactor: 'optional' }, { twoFactor: 'off' }, { graceDays: '30' }])
      assert.equal((await adam.submit(PATH, PATH, fields)).status, 422, JSON.stringify(fields));
    assert.deepEqual([(await policy()).twoFactor, (await policy()).graceDays], ['required', 14]);
    await save({ graceDays: '7' });
    await User.update({ twoFactor: 'active' }, { where: { id: portal.idOf('acme/adam') } });
    await save({ twoFactor: 'optional' });
    await User.update({ twoFactor: 'disabled' }, { where: { id: portal.idOf('acme/adam') } });
  });

  it('is read by who may see the policy, and put back by who may change it', async () => {
    const entry = await newest();
    const audrey = await portal.signedIn('acme/audrey');
    const page = await audrey.open(`${HISTORY}/${entry.id}`);
    assert.deepEqual(
      page.forms().filter((to) => to.startsWith(HISTORY)),
      [],
    );
    assert.equal((await askFor(entry.id, audrey)).status, 403);
    assert.equal((await (await portal.signedIn('acme/uma')).get(HISTORY)).status, 403);
    assert.equal((await gary.get(`${HISTORY}/${entry.id}`)).status, 404, 'another organisation’s is not there');
    assert.equal((await askFor(entry.id, gary)).status, 404);
  });

  it('is read by programs, page by page', async () => {
    const program = await programOf(portal, 'acme/audrey');
    const all = await program.all('/security-policy/history?limit=3');
    assert.equal(all.length, await PolicyEntry.count({ where: { tenantId: acme } }));
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
    const whose = all.map(({ author }) => (author as { username: string | null }).username);
    assert.deepEqual([...new Set(whose)].sort(), ['adam', 'olivia', null].sort());
    assert.deepEqual((all.at(-1) as { way: string }).way, 'created');
    const { body } = await program.get(`/security-policy/history/${String(all[0]?.['id'])}`);
    assert.equal((body['policy'] as { twoFactor: string }).twoFactor, 'optional');
    assert.equal(
      (await (await programOf(portal, 'globex/oscar')).get(`/security-policy/history/${String(all[0]?.['id'])}`))
        .status,
      404,
    );
  });

  it('is leafed through with a pager', async () => {
    for (let more = 0; more < 26; more += 1)
      await changePolicy(await contextIn(portal, 'acme'), { maxSessions: 30 + more });
    const first = await adam.open(HISTORY);
    assert.equal(table(first).length, 25);
    assert.ok(first.links().includes(`${HISTORY}?page=2`));
    const second = await adam.open(`${HISTORY}?page=2`);
    assert.ok(table(second).length > 5);
    assert.ok(second.links().includes(`${HISTORY}?page=1`));
  });

  it('keeps of somebody whose account is gone that there was somebody', async () => {
    const entry = await newest();
    await entry.update({ actorId: '01a1fd73-7ca1-7646-b816-b41fda5f784f', actorTenantId: acme });
    assert.match((await adam.open(`${HISTORY}/${entry.id}`)).text, /A deleted user/);
  });

  it('begins, where there was none before, with how the policy was found', async () => {
    const { sequelize } = portal.database;
    await sequelize.query('DROP TABLE policy_entries');
    await sequelize.query("DELETE FROM migrations WHERE name = '0034-policy-history'");
    assert.deepEqual(await migrate(portal.database), ['0034-policy-history']);
    const [entry] = await PolicyEntry.findAll({ where: { tenantId: acme } });
    // What has come to be kept only after that.
    const since = ['tenantId', 'twoFactorSince', 'passwordForbiddenSince', 'updatedAt'];
    since.push('twoPersonReset', 'passwordSignIn', 'passkeyCounter');
    const without = (all: object) => Object.fromEntries(Object.entries(all).filter(([name]) => !since.includes(name)));
    const { updatedAt, ...values } = (await policy()).get({ plain: true });
    assert.deepEqual([entry?.way, entry?.changedAt], ['begun', updatedAt]);
    assert.deepEqual(without(JSON.parse(entry?.state ?? '') as object), without(values));
  });
});

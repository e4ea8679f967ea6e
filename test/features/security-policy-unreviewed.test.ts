import assert from 'node:assert/strict';
import { PolicyEntry } from '#models/policy-entry.js';
import { ScheduledPolicy } from '#models/scheduled-policy.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Session } from '#models/session.js';
import { User } from '#models/user.js';
import { DEFAULT_POLICY } from '#policies/security-policy.js';
import { DAY, HOUR, SECOND } from '#server/lib/clock.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { newestDetails } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import type { Program } from '../support/program.js';

const PATH = '/admin/security-policy';

describe('A change of the security policy that nobody has reviewed', () => {
  let portal: Portal;
  let adam: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  afterEach(() => portal.close());

  /** As the button sends it. */
  async function saveUnreviewed(fields: Fields): Promise<Page> {
    const page = await adam.open(PATH);
    const button = page.document.querySelectorAll('.form-bar button').find(({ text }) => /without review/.test(text));
    const pressed = { [button?.getAttribute('name') ?? '']: button?.getAttribute('value') ?? '' };
    return adam.post(PATH, { ...page.form(PATH), ...pressed, ...fields });
  }
  const own = () => portal.idOf('acme/adam');

  /** What a change can do to whoever makes it, and what of them makes it so. */
  const HITS: readonly { what: string; fields: Fields; says: RegExp; makeSo?: () => Promise<unknown> }[] = [
    {
      what: 'they must set up a second factor themselves',
      fields: { twoFactor: 'required', graceDays: '0' },
      says: /You are one of them/,
    },
    {
      what: 'their own password opens nothing then',
      fields: { passwordSignIn: 'forbidden' },
      says: /You are one of them/,
    },
    {
      what: 'their own password is too old then',
      fields: { maxAgeDays: '30' },
      says: /Your own is one of them/,
      makeSo: () => User.update({ passwordChangedAt: portal.clock.now() - 40 * DAY }, { where: { id: own() } }),
    },
    {
      what: 'their own session ends',
      fields: { sessionMaxHours: '1' },
      says: /Your own session is one of them/,
      makeSo: () => Session.update({ createdAt: portal.clock.now() - 2 * HOUR }, { where: { userId: own() } }),
    },
  ];

  for (const { what, fields, says, makeSo } of HITS)
    it(`is shown first to whoever makes it where ${what}, and made once they say so`, async () => {
      await makeSo?.();
      const [name = '', value] = Object.entries(fields)[0] ?? [];
      const is = async () => (await SecurityPolicy.findAll({ where: { [name]: value } })).length;
      const asked = await saveUnreviewed(fields);
      assert.equal(asked.status, 200);
      assert.equal(asked.heading, 'Review the change');
      assert.match(asked.text, says);
      assert.equal(await is(), 0);
      assert.equal((await adam.post(PATH, asked.form(PATH))).status, 303);
      assert.equal(await is(), 1);
    });

  it('is made at once where it hits others alone', async () => {
    await User.update({ twoFactor: 'active' }, { where: { id: own() } });
    assert.equal((await saveUnreviewed({ twoFactor: 'required', graceDays: '0' })).status, 303);
  });
});

describe('A program and the history of the security policy', () => {
  let portal: Portal;
  let program: Program;
  beforeEach(async () => {
    portal = await startPortal();
    program = await programOf(portal, 'acme/olivia');
  });
  afterEach(() => portal.close());

  const first = async (): Promise<string> => String((await program.all('/security-policy/history')).at(-1)?.['id']);
  const back = (id: string, body: object = {}, by = program) =>
    by.post(`/security-policy/history/${id}/restoration`, body);

  it('puts a state of it back, and its history says so', async () => {
    const id = await first();
    portal.clock.move(SECOND);
    assert.equal((await program.put('/security-policy', { maxSessions: 3, minLength: 20 })).status, 200);
    portal.clock.move(SECOND);
    const { status, body } = await back(id);
    assert.deepEqual([status, body['maxSessions'], body['scheduled']], [200, DEFAULT_POLICY.maxSessions, null]);
    const newest = (await program.all('/security-policy/history'))[0];
    assert.deepEqual([newest?.['way'], newest?.['restoredId']], ['restored', id]);
    assert.equal((await newestDetails(portal, 'acme', 'policy.changed'))['restored'], id);
  });

  it('can let that wait, looks at what waits, and takes it back', async () => {
    const none = await program.get('/security-policy/scheduled');
    assert.deepEqual([none.status, none.body['code']], [404, 'not_found']);
    const id = await first();
    await program.put('/security-policy', { maxSessions: 3 });
    const startsAt = new Date(portal.clock.now() + DAY).toISOString().slice(0, 16) + 'Z';
    assert.equal((await back(id, { startsAt })).body['maxSessions'], 3);
    const waiting = (await program.get('/security-policy/scheduled')).body;
    assert.deepEqual(waiting['differences'], [{ field: 'maxSessions', from: 3, to: DEFAULT_POLICY.maxSessions }]);
    assert.equal((await ScheduledPolicy.findOne({ rejectOnEmpty: true })).restoredId, id);
    assert.equal((await back(id, { startsAt })).status, 409, 'another waits, of which nothing was said');
    assert.equal((await back(id, { replaces: waiting['id'] })).status, 422, 'It would wait on.');
    assert.equal((await back(id, { startsAt, replaces: waiting['id'] })).status, 200);
    assert.equal((await program.delete('/security-policy/scheduled')).status, 204);
    assert.equal((await program.get('/security-policy/scheduled')).status, 404);
  });

  it('puts nothing back for who may only look, of another organisation, or that locks the program out', async () => {
    const id = await first();
    assert.equal((await back(id, {}, await programOf(portal, 'acme/audrey'))).status, 403);
    assert.equal((await back(id, {}, await programOf(portal, 'globex/oscar'))).status, 404);
    const entry = await PolicyEntry.findOne({ where: { id }, rejectOnEmpty: true });
    const state = JSON.parse(entry.state) as object;
    await entry.update({ state: JSON.stringify({ ...state, allowedIps: '203.0.113.0/24' }) });
    assert.equal((await back(id)).status, 422);
  });
});

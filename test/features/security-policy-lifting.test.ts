import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { ScheduledPolicy } from '#models/scheduled-policy.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { User } from '#models/user.js';
import { DEFAULT_POLICY, type SecurityPolicy as Policy } from '#policies/security-policy.js';
import type { Setting } from '#policies/setting.js';
import { POLICY_FIELDS, settingOf } from '#policies/settings.js';
import { startDueChanges } from '#server/features/security-policy/start.js';
import { readUserAsCaller } from '#server/identity/credential-read.js';
import { DAY } from '#server/lib/clock.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import { enrol } from '../support/second-factor.js';
import type { Program } from '../support/program.js';

const REMOVAL = '/admin/security-policy/scheduled/removal';

describe('Of what an administrator must do themselves the security policy relieves them', () => {
  let portal: Portal;
  let adam: Program;
  let olivia: Program;
  let tenantId: string;
  let since: number;
  let roleAdmin: { tenantId: string; key: 'admin' };
  before(async () => {
    portal = await startPortal();
    tenantId = (await contextIn(portal, 'acme')).tenant.id;
    since = portal.clock.now();
    roleAdmin = { tenantId, key: 'admin' };
    adam = await programOf(portal, 'acme/adam');
    olivia = await programOf(portal, 'acme/olivia');
  });
  after(() => portal.close());
  afterEach(async () => {
    await ScheduledPolicy.destroy({ where: {} });
    await Role.update({ requiresTwoFactor: false, requiresPhishingResistant: false }, { where: roleAdmin });
    await User.update({ mustSetUpTwoFactor: false }, { where: { tenantId } });
    await begin({});
  });

  const begin = (policy: Partial<Policy>): Promise<unknown> => {
    const values = { ...DEFAULT_POLICY, graceDays: 7, ...policy, twoFactorSince: since, passwordForbiddenSince: since };
    return SecurityPolicy.update(values, { where: { tenantId } });
  };
  /** By when adam must do what is demanded of him; null for nothing. */
  const dueAt = async (): Promise<number | null> => {
    const who = { tenantId, userId: portal.idOf('acme/adam') };
    const asked = { now: portal.clock.now(), ip: null };
    return (await readUserAsCaller(portal.database.read, who, asked))?.secondFactor.dueAt ?? null;
  };
  const valuesOf = (setting: Setting): (string | number | boolean)[] => {
    if (setting.kind === 'number') return [setting.min, setting.max];
    if (setting.kind === 'flag') return [true, false];
    return setting.kind === 'choice' ? Object.keys(setting.choices) : [];
  };

  const DEMANDS: Record<string, { policy?: Partial<Policy>; also?: () => Promise<unknown> }> = {
    'a second factor, by the policy': { policy: { twoFactor: 'required' } },
    'a second factor, by their role': { also: () => Role.update({ requiresTwoFactor: true }, { where: roleAdmin }) },
    'a second factor, by a mark': {
      also: () => User.update({ mustSetUpTwoFactor: true }, { where: { tenantId, username: 'adam' } }),
    },
    'a passkey, by their role': {
      also: () => Role.update({ requiresPhishingResistant: true }, { where: roleAdmin }),
    },
    'passkeys, where passwords open nothing': { policy: { passwordSignIn: 'forbidden' } },
  };

  for (const [what, { policy = {}, also }] of Object.entries(DEMANDS))
    it(`by no value of no setting: ${what}`, async () => {
      await also?.();
      await begin(policy);
      const due = await dueAt();
      assert.ok(due !== null);
      let refused = 0;
      for (const field of POLICY_FIELDS)
        for (const value of valuesOf(settingOf(field))) {
          const { status } = await adam.put('/security-policy', { [field]: value });
          if (status === 422) refused += 1;
          else assert.equal(status, 200, `${field}: ${String(value)}`);
          const then = await dueAt();
          assert.ok(then !== null && then <= due, `${field}: ${String(value)} lifts it`);
          await begin(policy);
        }
      assert.ok(refused > 0);
    });

  const startsAt = (): string => new Date(portal.clock.now() + 2 * DAY).toISOString();
  const waits = async (): Promise<boolean> => (await ScheduledPolicy.of(tenantId)) !== null;

  for (const [what, change, said] of [
    ['that they must set up a second factor', { twoFactor: 'required' }, /You must add a second factor/],
    ['that they must add passkeys', { passwordSignIn: 'forbidden' }, /You must add passkeys/],
    ['that nobody takes factors alone', { twoPersonReset: true }, /Only an owner takes that back/],
  ] as const)
    it(`nor by taking back what another has set for later: ${what}`, async () => {
      const { body } = await olivia.put('/security-policy', { ...change, startsAt: startsAt() });
      const { id } = body['scheduled'] as { id: string };
      const answer = await adam.delete('/security-policy/scheduled');
      assert.equal(answer.status, 403);
      assert.match(answer.text, said);
      const instead = { maxSessions: 4, startsAt: startsAt(), replaces: id };
      assert.equal((await adam.put('/security-policy', instead)).status, 403);
      const browser = await portal.signedIn('acme/adam');
      const page = await browser.open('/admin/security-policy');
      assert.match(page.text, said);
      assert.ok(!page.links().includes(REMOVAL));
      assert.equal((await browser.get(REMOVAL)).status, 403);
      assert.equal((await browser.post(REMOVAL, { _csrf: await browser.csrf('/security') })).status, 403);
      assert.ok(await waits());
      assert.equal((await olivia.delete('/security-policy/scheduled')).status, 204, 'Whoever has set it may.');
    });

  const later = (change: Partial<Policy>) => olivia.put('/security-policy', { ...change, startsAt: startsAt() });

  for (const [what, until, change, said] of [
    ['a second factor, of their role', { twoFactor: 'off' }, { twoFactor: 'optional' }, /must add a second factor be/],
    ['a passkey, of their role', { passkeys: 'off' }, { passkeys: 'second-factor' }, /must add a passkey because/],
    ['the same sooner', { graceDays: 30 }, { graceDays: 7 }, /must add a passkey sooner because/],
  ] as const)
    it(`nor where the change only makes room for a demand: ${what}`, async () => {
      const passkey = !what.includes('second factor');
      await Role.update({ requiresTwoFactor: true, requiresPhishingResistant: passkey }, { where: roleAdmin });
      await begin(until);
      assert.equal((await later(change)).status, 200);
      const answer = await adam.delete('/security-policy/scheduled');
      assert.equal(answer.status, 403);
      assert.match(answer.text, said);
    });

  it('nor by a change at once: one that waits can then not be made, or demands less of them', async () => {
    assert.equal((await later({ passwordSignIn: 'forbidden', maxAgeDays: 2, minAgeHours: 24 })).status, 200);
    const off = { passkeys: 'off' };
    for (const by of [adam, olivia]) {
      for (const path of ['/security-policy', '/security-policy/preview']) {
        const { status, text } = path.endsWith('preview') ? await by.post(path, off) : await by.put(path, off);
        assert.equal(status, 422);
        assert.match(
          text,
          /"field":"passkeys","message":"A change that is set for later does not go with this\. Nobody/,
        );
      }
    }
    const lifting = await adam.put('/security-policy', { graceDays: 90 });
    assert.equal(lifting.status, 422);
    assert.match(lifting.text, /You must add passkeys because of a change that is set for later/);
    for (const change of [{ passkeys: 'passwordless' }, { graceDays: 3 }, { maxAgeDays: 1 }, { maxSessions: 4 }])
      assert.equal((await adam.put('/security-policy', change)).status, 200, JSON.stringify(change));
    const { body } = await olivia.get('/security-policy');
    const instead = { ...off, startsAt: startsAt(), replaces: (body['scheduled'] as { id: string }).id };
    assert.equal((await olivia.put('/security-policy', instead)).status, 200, 'The one goes, so they do not meet.');
    assert.equal((await adam.put('/security-policy', { passwordSignIn: 'forbidden' })).status, 422);
    portal.clock.move(3 * DAY);
    assert.equal(await startDueChanges(portal.services), 1);
    const { passkeys, passwordSignIn } = await SecurityPolicy.of(tenantId);
    assert.deepEqual([passkeys, passwordSignIn], ['off', 'allowed']);
  });

  it('but what they have set themselves, and what they could undo, they take back', async () => {
    await adam.put('/security-policy', { twoFactor: 'required', twoPersonReset: true, startsAt: startsAt() });
    assert.equal((await adam.delete('/security-policy/scheduled')).status, 204);
    await begin({ twoPersonReset: true });
    for (const change of [{ maxSessions: 4 }, { twoPersonReset: false }, { graceDays: 14 }]) {
      assert.equal((await olivia.put('/security-policy', { ...change, startsAt: startsAt() })).status, 200);
      assert.equal((await adam.delete('/security-policy/scheduled')).status, 204, JSON.stringify(change));
    }
    await olivia.put('/security-policy', { twoFactor: 'required', startsAt: startsAt() });
    await enrol(portal, 'acme/adam');
    assert.equal((await adam.delete('/security-policy/scheduled')).status, 204, 'Who has one is not bound by it.');
    assert.equal(await waits(), false);
  });
});

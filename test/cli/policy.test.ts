import assert from 'node:assert/strict';
import { PolicyEntry } from '#models/policy-entry.js';
import { ScheduledPolicy } from '#models/scheduled-policy.js';
import { SecurityEvent } from '#models/security-event.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { POLICY_FIELDS } from '#policies/settings.js';
import { startDueChanges } from '#server/features/security-policy/start.js';
import { DAY, HOUR } from '#server/lib/clock.js';
import { demonstration, type Installation } from '../support/installation.js';

interface Shown {
  minLength: number;
  twoFactor: string;
  allowedIps: string[];
  preset: string;
  scheduled: { id: string } | null;
}

describe('The security policy, from the command line', () => {
  let here: Installation;
  before(async () => {
    here = await demonstration();
  });
  after(() => here.remove());

  const shown = async () => JSON.parse(await here.done('policy', 'show', 'acme', '--json')) as Shown;
  const history = async () =>
    JSON.parse(await here.done('policy', 'history', 'acme', '--json')) as Record<'id' | 'way' | 'by', string>[];
  const later = () => new Date(Date.now() + 2 * DAY).toISOString().slice(0, 16);

  it('is shown, each setting by the name that it is set by', async () => {
    const text = await here.done('policy', 'show', 'acme');
    for (const field of POLICY_FIELDS) assert.match(text, new RegExp(`^${field} `, 'm'));
    assert.match(text, /^minLength +15 characters +\S/m);
    assert.equal((await shown()).minLength, 15);
  });

  it('is changed only by who says yes to what is told before, with names', async () => {
    const set = ['policy', 'set', 'acme', 'twoFactor=required', 'minLength=20', 'requireDigit=yes'];
    const told = await here.done(...set);
    assert.match(told, /^Minimum length: 15 characters → 20 characters$/m);
    assert.match(told, /^\d+ people \([a-z., ]+, …\) must set up two-factor authentication by \d{4}-/m);
    assert.match(told, /Nothing has been changed\. To do it, give --yes too\.\n$/);
    assert.equal((await shown()).minLength, 15);
    assert.match(await here.done(...set, '--yes'), /The security policy has been changed\.[^\n]*\n$/);
    const { minLength, twoFactor, preset } = await shown();
    assert.deepEqual([minLength, twoFactor, preset], [20, 'required', 'custom']);
    await here.look(async () => {
      const { id: tenantId } = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
      const row = await SecurityPolicy.of(tenantId);
      assert.deepEqual([row.requireDigit, row.forbidNames, row.forbidCommon], [true, true, true], 'the others stay');
      const event = await SecurityEvent.findOne({ where: { event: 'policy.changed', tenantId }, rejectOnEmpty: true });
      assert.deepEqual([event.door, event.actorId], ['cli', null]);
    });
    assert.match(await here.done(...set, '--yes'), /like this already/);
  });

  it('has a history, of which any state is put back', async () => {
    await here.done('policy', 'set', 'acme', 'preset=classic', 'allowedIps=10.0.0.0/8,::1', '--yes');
    assert.deepEqual((await shown()).allowedIps, ['10.0.0.0/8', '::1']);
    const [newest, before] = await history();
    assert.deepEqual([newest?.way, newest?.by], ['changed', 'Command line']);
    assert.match(
      await here.done('policy', 'history', 'acme'),
      /^ID .*\n\S+ +\S+ +changed +Command line .*Minimum length/,
    );
    const restore = ['policy', 'restore', 'acme', before!.id];
    assert.match(await here.done(...restore), /Nothing has been changed/);
    assert.deepEqual((await shown()).preset, 'classic');
    await here.done(...restore, '--yes');
    const { minLength, preset, allowedIps } = await shown();
    assert.deepEqual([minLength, preset, allowedIps], [20, 'custom', []]);
    const entry = await here.look(() => PolicyEntry.findOne({ order: [['id', 'DESC']], rejectOnEmpty: true }));
    assert.deepEqual([entry.way, entry.restoredId], ['restored', before?.id]);
  });

  it('changes at a date that was set, on the authority of the command line', async () => {
    assert.match(
      await here.done('policy', 'set', 'acme', 'maxSessions=4', '--starts-at', later(), '--yes'),
      /^It starts on \d{4}-\d{2}-\d{2}T\d{2}:\d{2}:00\.000Z\.$/m,
    );
    const { scheduled } = await shown();
    assert.match(
      await here.done('policy', 'show', 'acme'),
      /Set for .* by Command line \([0-9a-f-]+\):\nSessions at once: /,
    );
    const other = ['policy', 'set', 'acme', 'maxSessions=5', '--starts-at', later(), '--yes'];
    const refused = await here.run(other);
    assert.deepEqual([refused.code, /^Another change is set for later[^\n]*\n$/.test(refused.stderr)], [1, true]);
    await here.done(...other, '--replaces', scheduled!.id);
    await here.look(async (services) => {
      await ScheduledPolicy.update({ startsAt: Date.now() - HOUR }, { where: {} });
      assert.equal(await startDueChanges(services), 1);
      const { tenantId, door } = await PolicyEntry.findOne({ order: [['id', 'DESC']], rejectOnEmpty: true });
      assert.deepEqual([(await SecurityPolicy.of(tenantId)).maxSessions, await ScheduledPolicy.count()], [5, 0]);
      assert.equal(door, 'cli', 'it is the command line that it was set by');
      assert.equal(await SecurityEvent.count({ where: { event: 'policy.schedule-dropped' } }), 0);
    });
  });

  it('is not changed at the date where that is taken back', async () => {
    await here.done('policy', 'set', 'acme', 'maxSessions=6', '--starts-at', later(), '--yes');
    assert.notEqual((await shown()).scheduled, null);
    assert.match(await here.done('policy', 'take-back', 'acme'), /has been taken back\.\n$/);
    assert.equal((await shown()).scheduled, null);
    const again = await here.run(['policy', 'take-back', 'acme']);
    assert.deepEqual([again.code, /^[^\n]+\n$/.test(again.stderr)], [1, true]);
  });

  it('tells who must add passkeys before passwords open nothing', async () => {
    const told = await here.done('policy', 'set', 'acme', 'passwordSignIn=forbidden', 'passkeys=passwordless');
    assert.match(told, /^\d+ people \([a-z., ]+, …\) must add passkeys by \d{4}-/m);
  });

  it('stays as it is where something of what was given is wrong', async () => {
    const before = [await shown(), await history()];
    const trials: [string[], number, RegExp][] = [
      [['set', 'acme', 'minLength=12', 'maxSessions=0', '--yes'], 1, /^maxSessions: [^\n]+\n$/],
      [['set', 'acme', 'minLength=12', 'twoFactor=always', '--yes'], 1, /^twoFactor: [^\n]+\n$/],
      [['set', 'acme', 'minLength=12', 'length=12', '--yes'], 1, /^length: There is no such setting/],
      [['set', 'acme', 'minLength=12', 'minLength=13', '--yes'], 1, /^minLength: Give it once/],
      [['set', 'acme', 'minLength=12', 'maxSessions', '--yes'], 1, /^maxSessions: Write it like/],
      [['set', 'acme', 'minLength=12', 'allowedIps=nowhere', '--yes'], 1, /^allowedIps: [^\n]+\n$/],
      [['set', 'acme', 'minLength=12', 'requireUpper=maybe', '--yes'], 1, /^requireUpper: [^\n]+\n$/],
      [['set', 'acme', 'minLength=12', 'maxAgeDays=1', 'minAgeHours=48', '--yes'], 1, /^minAgeHours: [^\n]+\n$/],
      [['set', 'acme', 'minLength=12', '--starts-at', '2020-01-01T08:00', '--yes'], 1, /^startsAt: [^\n]+\n$/],
      [['set', 'acme', 'minLength=12', '--starts-at', 'tomorrow', '--yes'], 1, /^startsAt: [^\n]+\n$/],
      [['set', 'acme', 'minLength=12', '--starts-at', '2027-02-30T08:00Z', '--yes'], 1, /^startsAt: There is no such/],
      [['set', 'acme'], 2, /missing required argument/],
      [['restore', 'acme', 'yesterday', '--yes'], 1, /^[^\n]+\n$/],
      [['show', 'initech'], 1, /^There is no organisation initech/],
    ];
    for (const [args, code, told] of trials) {
      const ended = await here.run(['policy', ...args]);
      assert.equal(ended.code, code, `${args.join(' ')}: ${ended.stderr}`);
      assert.match(ended.stderr, told);
    }
    assert.deepEqual([await shown(), await history()], before);
  });
});

import assert from 'node:assert/strict';
import { Op } from 'sequelize';
import { PolicyEntry } from '#models/policy-entry.js';
import { ScheduledPolicy } from '#models/scheduled-policy.js';
import { SecurityEvent } from '#models/security-event.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { UserJob } from '#models/user-job.js';
import { UserJobRow } from '#models/user-job-row.js';
import { HOUR, DAY } from '#server/lib/clock.js';
import { emptyInstallation, type Installation } from '../support/installation.js';
import { PASSWORD } from '../support/portal.js';
import { startServer } from '../support/process.js';
import { until } from '../support/until.js';

const ORGANISATIONS = ['acme', 'globex'];

describe('Two processes on one database', function () {
  this.timeout(600_000);
  let here: Installation;
  before(async () => {
    here = await emptyInstallation();
    await here.done('demo', '--password', PASSWORD, '--users', '200');
  });
  after(() => here.remove());

  /** Starts two servers together, waits for something, and lets both end what they are at. */
  const withTwoServers = async (work: () => Promise<void>): Promise<void> => {
    const servers = await Promise.all([1, 2].map(() => startServer(here.folder, here.settings)));
    try {
      await work();
    } finally {
      const codes = await Promise.all(servers.map((server) => server.stop()));
      assert.deepEqual(codes, [0, 0]);
    }
  };

  it('make a change of the policy once whose time has come for both', async () => {
    const startsAt = new Date(Date.now() + DAY).toISOString().slice(0, 16);
    for (const slug of ORGANISATIONS)
      await here.done('policy', 'set', slug, 'maxSessions=4', '--starts-at', startsAt, '--yes');
    await here.look(async () => {
      await ScheduledPolicy.update({ startsAt: Date.now() - HOUR }, { where: {} });
      const entries = await PolicyEntry.count();
      await withTwoServers(() => until(async () => (await ScheduledPolicy.count()) === 0, 60));
      assert.equal(await PolicyEntry.count(), entries + ORGANISATIONS.length);
      assert.equal(await SecurityEvent.count({ where: { event: 'policy.changed' } }), ORGANISATIONS.length);
      assert.equal(await SecurityEvent.count({ where: { event: 'policy.schedule-dropped' } }), 0);
      assert.equal(await SecurityPolicy.count({ where: { maxSessions: 4 } }), ORGANISATIONS.length);
    });
  });

  it('do to each of many people once what both are at, and a third from the command line', () =>
    here.look(async () => {
      const { id: tenantId } = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
      await withTwoServers(async () => {
        const jobs = ['mark-outdated', 'demand-two-factor'].map((action) =>
          here.run(['user', 'bulk', 'acme', action, '--kind', 'person', '--status', 'active']),
        );
        for (const { code, stderr } of await Promise.all(jobs)) assert.equal(code, 0, stderr);
      });
      const active = await User.count({ where: { tenantId, kind: 'person', status: 'active' } });
      for (const { id, action, begunAt } of await UserJob.findAll({ where: { tenantId } })) {
        const { waiting, refused, done, unchanged, 'left-out': leftOut } = await UserJobRow.counts(id);
        assert.deepEqual([waiting, refused, done + unchanged + leftOut], [0, 0, active], action);
        const people = await UserJobRow.findAll({ where: { jobId: id, state: 'done' } });
        const event = EVENTS[action] ?? '';
        const where = { tenantId, event, at: { [Op.gte]: begunAt ?? 0 } };
        const rows = await SecurityEvent.findAll({ where, attributes: ['targetId'] });
        assert.deepEqual(
          rows.map(({ targetId }) => targetId).sort(),
          people.map(({ userId }) => userId).sort(),
          action,
        );
        assert.ok(people.length > 100, action);
      }
    }));
});

const EVENTS: Readonly<Record<string, string>> = {
  'mark-outdated': 'password.marked-outdated',
  'demand-two-factor': 'user.changed',
};

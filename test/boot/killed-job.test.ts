import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Op } from 'sequelize';
import { OutboxMessage } from '#models/outbox-message.js';
import { SecurityEvent } from '#models/security-event.js';
import { Tenant } from '#models/tenant.js';
import { UserJob } from '#models/user-job.js';
import { UserJobRow } from '#models/user-job-row.js';
import { User } from '#models/user.js';
import { COMMAND_LINE } from '#policies/actor.js';
import { contextWithoutRequest, type Services, type TenantContext } from '#server/context.js';
import { cancelJob } from '#server/features/user-jobs/begin.js';
import { reportCsv } from '#server/features/user-jobs/report.js';
import { inContext } from '#server/identity/tenant.js';
import { demonstration, type Installation } from '../support/installation.js';
import { startProgram, startServer } from '../support/process.js';
import { until } from '../support/until.js';

const PEOPLE = 200;
/** After how many people a process is killed, one after the other. */
const KILLED_AFTER = [1, 60, 125];
const NEW = { username: { [Op.startsWith]: 'new' } };
const NONE = { waiting: 0, unchanged: 0, 'left-out': 0, refused: 0 };

describe('A change of many people that is killed in the midst of it', function () {
  this.timeout(1_800_000);
  let here: Installation;
  before(async () => {
    here = await demonstration();
    const rows = Array.from({ length: PEOPLE }, (_none, at) => `new${at},New ${at},new${at}@acme.example`);
    writeFileSync(join(here.folder, 'people.csv'), ['username,name,email', ...rows].join('\n'));
  });
  after(() => here.remove());

  const acme = async (services: Services): Promise<TenantContext> => {
    const tenant = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
    return contextWithoutRequest(services, COMMAND_LINE, 'cli', inContext(tenant)) as TenantContext;
  };
  const newest = () => UserJob.findOne({ order: [['id', 'DESC']], where: { state: 'running' } });
  const counts = ({ id }: UserJob) => UserJobRow.counts(id);

  /** Lets a program work until so many are done, and kills it there. */
  const killAt = async (program: ChildProcess, many: number): Promise<UserJob> => {
    const gone = once(program, 'exit');
    let job: UserJob | null = null;
    await until(async () => (job = await newest()) !== null && (await counts(job)).done >= many, 240);
    program.kill('SIGKILL');
    await gone;
    assert.ok(job);
    return job;
  };

  /** Begins it from the command line, kills that, and then one server after the other; the last one is left to end it. */
  const killedAgainAndAgain = async (...command: string[]): Promise<UserJob> => {
    const [first = 1, ...others] = KILLED_AFTER;
    const job = await killAt(startProgram('server/cli/main.ts', command, here.folder, here.settings), first);
    for (const many of others) {
      const { waiting, done } = await counts(job);
      assert.ok(waiting > 0 && done < many, `It is in the midst of it: ${done} are done, ${waiting} wait.`);
      await killAt((await startServer(here.folder, here.settings)).child, many);
    }
    const server = await startServer(here.folder, here.settings);
    await until(async () => (await UserJob.findByPk(job.id))?.state === 'done', 240);
    assert.equal(await server.stop(), 0);
    return job;
  };

  const onceEach = async (event: string, job: UserJob): Promise<void> => {
    const people = await UserJobRow.findAll({ where: { jobId: job.id, state: 'done' } });
    const since = job.begunAt ?? 0;
    const userIds = people.map(({ userId }) => userId).sort();
    const rows = await SecurityEvent.findAll({ where: { event }, attributes: ['targetId', 'at'] });
    const mails = await OutboxMessage.findAll({ where: { event: 'invitation' }, attributes: ['userId', 'createdAt'] });
    const targets = rows.filter(({ at }) => at >= since).map(({ targetId }) => targetId);
    assert.deepEqual(targets.sort(), userIds, 'a row of the log for each, and no more');
    const told = mails.filter(({ createdAt }) => createdAt >= since).map(({ userId }) => userId);
    assert.deepEqual(told.sort(), userIds, 'a mail to each, and no more');
  };

  const reported = async (services: Services, job: UserJob): Promise<void> => {
    assert.deepEqual(await counts(job), { ...NONE, done: PEOPLE });
    let csv = '';
    for await (const part of reportCsv(await acme(services), job)) csv += part;
    assert.equal(csv.trimEnd().split('\r\n').length, PEOPLE + 1);
    assert.equal(
      await SecurityEvent.count({ where: { event: 'user-job.done', details: { [Op.substring]: job.id } } }),
      1,
    );
  };

  it('has added each person of a file once, told each once, and its report is whole', () =>
    here.look(async (services) => {
      const job = await killedAgainAndAgain('user', 'import', 'acme', 'people.csv');
      assert.equal(await User.count({ where: { status: 'invited', ...NEW } }), PEOPLE);
      await onceEach('user.created', job);
      await reported(services, job);
    }));

  it('has done to each person once what was begun for all', () =>
    here.look(async (services) => {
      const job = await killedAgainAndAgain('user', 'bulk', 'acme', 'invite', '--search', 'new');
      await onceEach('invitation.sent', job);
      await reported(services, job);
    }));

  it('stays cancelled once it was, whoever starts again', () =>
    here.look(async (services) => {
      const program = startProgram(
        'server/cli/main.ts',
        ['user', 'bulk', 'acme', 'disable', '--search', 'new'],
        here.folder,
        here.settings,
      );
      const job = await killAt(program, 10);
      await cancelJob(await acme(services), job.id);
      const before = await counts(job);
      assert.ok(before.waiting > 0);
      // What is begun after it is done: the worker was at work, and passed it over.
      await here.done('user', 'bulk', 'acme', 'mark-outdated', '--user', 'uma');
      const server = await startServer(here.folder, here.settings);
      assert.equal(await server.stop(), 0);
      assert.deepEqual(await counts(job), before);
      assert.equal(await User.count({ where: { status: 'disabled', ...NEW } }), before.done);
      assert.equal((await UserJob.findByPk(job.id))?.state, 'cancelled');
    }));
});

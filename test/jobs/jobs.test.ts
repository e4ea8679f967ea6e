import assert from 'node:assert/strict';
import { openDatabase, type Database } from '#models/database.js';
import { OutboxMessage } from '#models/outbox-message.js';
import type { Services } from '#server/context.js';
import { checkJobs, readJobs } from '#server/health/work.js';
import { startJobs } from '#server/jobs/index.js';
import type { Mail, Mailer } from '#server/mail/mailer.js';
import { queueMail } from '#server/mail/outbox.js';
import { DISAVOWAL, ENGINES, makeWorld, uma, type World } from '../mail/support.js';
import { until } from '../support/until.js';

for (const engine of ENGINES) {
  describe(`the jobs on ${engine}`, () => {
    let world: World;
    let elsewhere: Services;
    before(async () => {
      world = await makeWorld(engine);
      // Another process, as the database sees it: a connection of its own.
      elsewhere = { ...world.services, database: await openDatabase(world.config) };
    });
    after(async () => {
      await elsewhere.database.close();
      await world.close();
    });
    beforeEach(() => {
      world.logLines.length = 0;
    });
    const inbox = () => {
      const mails: Mail[] = [];
      const mailer: Mailer = { send: (mail) => (mails.push(mail), Promise.resolve()), close: () => undefined };
      return { mails, mailer };
    };
    const queue = (): Promise<void> =>
      queueMail(world.context(), { event: 'new-sign-in', to: uma, tenant: world.tenant, variables: DISAVOWAL });

    it('a mail goes out within about a second, and nothing more once stopped', async () => {
      const { mails, mailer } = inbox();
      const jobs = startJobs(world.services, mailer);
      await queue();
      await until(() => mails.length === 1);
      await jobs.stop();
      await queue();
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.equal(mails.length, 1);
      await OutboxMessage.destroy({ where: {} });
    });

    const noteJobOfBefore = async (): Promise<void> => {
      const long = world.services.clock.now() - 3_600_000;
      const sql = `INSERT INTO job_runs (name, ran_at, succeeded_at, failures, next_at) VALUES ('of-before', ${long}, ${long}, 0, ${long})`;
      await world.services.database.sequelize.query(sql);
    };
    const isNoted = async (job: string): Promise<boolean> =>
      (await readJobs(world.services)).some(({ name }) => name === job);

    it('a job that a later version does not have is forgotten, and is not late for ever', async () => {
      const { mailer } = inbox();
      await noteJobOfBefore();
      assert.match((await checkJobs(world.services)).text, /of-before/);
      const jobs = startJobs(world.services, mailer);
      await jobs.stop();
      assert.ok(!(await isNoted('of-before')));
    });

    it('nor is one that the version before has noted while both served', async () => {
      const { mailer } = inbox();
      const jobs = startJobs(world.services, mailer);
      await until(() => isNoted('mail'));
      await noteJobOfBefore();
      await until(async () => !(await isNoted('of-before')), 60);
      await jobs.stop();
    });

    it('two processes send each mail once', async () => {
      const { mails, mailer } = inbox();
      const all = [startJobs(world.services, mailer), startJobs(elsewhere, mailer), startJobs(world.services, mailer)];
      for (let at = 0; at < 20; at += 1) await queue();
      await until(async () => (await OutboxMessage.count({ where: { state: 'queued' } })) === 0);
      await Promise.all(all.map((jobs) => jobs.stop()));
      assert.equal(mails.length, 20);
      assert.equal(new Set(mails.map(({ id }) => id)).size, 20);
    });

    it('stopping waits for the mail that is on its way', async () => {
      let arrived = false;
      let sending = false;
      const slow: Mailer = {
        async send() {
          sending = true;
          await new Promise((resolve) => setTimeout(resolve, 400));
          arrived = true;
        },
        close: () => undefined,
      };
      await queue();
      const jobs = startJobs(world.services, slow);
      await until(() => sending);
      await jobs.stop();
      assert.equal(arrived, true);
      assert.equal(await OutboxMessage.count({ where: { state: 'queued' } }), 0);
    });

    it('work goes on after the database was away, and the log has neither statements nor values', async () => {
      const { mails, mailer } = inbox();
      let away = true;
      const lost = Object.assign(new Error('connection lost'), { sql: 'SELECT secret' });
      const database: Database = {
        ...world.database,
        read: (sql, bind) => (away ? Promise.reject(lost) : world.database.read(sql, bind)),
      };
      const jobs = startJobs({ ...world.services, database }, mailer);
      await queue();
      await until(() => world.logLines.some((line) => line.includes('A job failed')));
      assert.equal(mails.length, 0);
      away = false;
      await until(() => mails.length === 1);
      await jobs.stop();
      assert.match(world.logLines.join(''), /"job":"mail","error":"connection lost"/);
      assert.doesNotMatch(world.logLines.join(''), /SELECT/);
    });
  });
}

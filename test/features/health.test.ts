import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import supertest from 'supertest';
import { OutboxMessage } from '#models/outbox-message.js';
import { readHealth } from '#server/health/read.js';
import { startJobs } from '#server/jobs/index.js';
import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { User } from '#models/user.js';
import { COMMAND_LINE } from '#policies/actor.js';
import { contextWithoutRequest } from '#server/context.js';
import { notePlatform } from '#server/backup/note.js';
import type { Browser } from '../support/browser.js';
import { makeToken } from '../support/credentials.js';
import { startPortal, type Portal } from '../support/portal.js';
import { until } from '../support/until.js';

const TOKEN = 'metrics-token-for-tests';

describe('Health of the installation', () => {
  let portal: Portal;
  let opal: Browser;
  before(async () => {
    portal = await startPortal({ env: { METRICS_TOKEN: TOKEN } });
    opal = await portal.signedIn('platform/opal');
  });
  after(() => portal.close());

  const figures = async (): Promise<string> =>
    (await supertest(portal.app).get('/metrics').set('Authorization', `Bearer ${TOKEN}`)).text;
  const ready = async (): Promise<number> => (await supertest(portal.app).get('/readyz')).status;
  const stateOf = async (about: string): Promise<string | undefined> =>
    (await readHealth(portal.services)).find((finding) => finding.about === about)?.state;

  it('is for operators alone', async () => {
    assert.equal((await opal.get('/platform/health')).status, 200);
    for (const who of ['acme/olivia', 'acme/audrey', 'acme/uma'])
      assert.equal((await (await portal.signedIn(who)).get('/platform/health')).status, 403);
  });

  it('tells when each job last ran, and when it is to run next', async () => {
    assert.equal(await stateOf('jobs'), 'warn', 'none has run yet');
    const jobs = startJobs(portal.services, portal.inbox);
    const looked = ['mail', 'purge', 'expiry-notices', 'keys'];
    await until(async () => {
      const ran = await portal.database.read('SELECT name FROM job_runs', []);
      return looked.every((job) => ran.some(({ name }) => name === job));
    }, 60);
    await jobs.stop();
    const { text } = await opal.get('/platform/health');
    for (const job of looked) assert.match(text, new RegExp(`${job} OK just now`));
    assert.equal(await stateOf('jobs'), 'ok');
    assert.match(await figures(), /^gatehouse_job_last_success_timestamp_seconds\{job="mail"\} \d+/m);
    const started = portal.clock.now();
    portal.clock.move(20 * MINUTE);
    assert.equal(await stateOf('jobs'), 'warn');
    assert.match((await opal.get('/platform/health')).text, /Not run when it was time:[^.]*purge/);
    portal.clock.move(started - portal.clock.now());
  });

  it('says where no mail server is set that mails reach nobody; so does the mail log of each organisation', async () => {
    assert.equal(await stateOf('mail'), 'warn');
    const pages = [await opal.get('/platform/health'), await (await portal.signedIn('acme/adam')).get('/admin/mail')];
    for (const { path, text } of pages) assert.match(text, /[Mm]ails (are written to files, and )?reach nobody/, path);
    assert.match(pages[0]?.text ?? '', /Make one, with: gatehouse backup/);
  });

  it('says of a stuck outbox the same on page, in the API and in the metrics, and Gatehouse goes on serving', async () => {
    const context = contextWithoutRequest(portal.services, COMMAND_LINE, 'cli');
    const uma = await User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });
    const tenant = { id: uma.tenantId, slug: 'acme', name: 'Acme', colour: 'blue' };
    const variables = { disavowalLink: '/disavowal/sample', validFor: '7 days' };
    const { secret } = await makeToken(opal);
    await OutboxMessage.destroy({ where: {} });
    await queueMail(context, { event: 'new-sign-in', to: uma, tenant, variables });
    await OutboxMessage.update({ createdAt: portal.clock.now() - 40 * MINUTE }, { where: { state: 'queued' } });
    const said = /1 mail waits, for 40 minutes\./;
    assert.match((await opal.get('/platform/health')).text, said);
    const answer = await supertest(portal.app).get('/api/v1/health').set('Authorization', `Bearer ${secret}`);
    const found = answer.body as { state: string; findings: { about: string; state: string; text: string }[] };
    const outbox = found.findings.find(({ about }) => about === 'outbox');
    assert.equal(outbox?.state, 'warn');
    assert.match(outbox.text, said);
    const scraped = await figures();
    assert.match(scraped, /^gatehouse_check\{about="outbox"\} 1$/m);
    assert.match(scraped, /^gatehouse_outbox_oldest_seconds 240\d/m);
    assert.match(scraped, /^gatehouse_outbox_messages\{state="queued"\} 1$/m);
    assert.equal(await ready(), 200);
    await OutboxMessage.destroy({ where: {} });
  });

  it('tells when the last backup was, and says when that is long ago', async () => {
    assert.equal(await stateOf('backup'), 'warn', 'there is none yet');
    await notePlatform(contextWithoutRequest(portal.services, COMMAND_LINE, 'cli'), 'backup.made', {
      engine: 'sqlite',
    });
    assert.equal(await stateOf('backup'), 'ok');
    assert.match(await figures(), /^gatehouse_last_backup_timestamp_seconds \d{10}\.?\d*$/m);
    portal.clock.move(9 * DAY);
    assert.equal(await stateOf('backup'), 'warn');
    portal.clock.move(-9 * DAY);
  });

  it('a clock that runs behind is found', async () => {
    portal.clock.move(-HOUR);
    assert.equal(await stateOf('clock'), 'fail');
    portal.clock.move(HOUR);
    // The clock of the test stands still, and that of a PostgreSQL server goes on.
    if (portal.database.dialect === 'sqlite') assert.equal(await stateOf('clock'), 'ok');
  });

  it('without a disk to write to, Gatehouse is not ready, and says why', async function () {
    if (portal.database.dialect !== 'sqlite') this.skip();
    renameSync(portal.dataDir, `${portal.dataDir}-away`);
    const [state, status] = [await stateOf('disk'), await ready()];
    renameSync(`${portal.dataDir}-away`, portal.dataDir);
    assert.deepEqual([state, status], ['fail', 503]);
    assert.equal(await ready(), 200);
  });

  it('without a database it is not ready, and the metrics say so', async () => {
    const other = await startPortal({ env: { METRICS_TOKEN: TOKEN } });
    await other.database.close();
    assert.equal((await supertest(other.app).get('/readyz')).status, 503);
    const { status, text } = await supertest(other.app).get('/metrics').set('Authorization', `Bearer ${TOKEN}`);
    assert.equal(status, 200);
    assert.match(text, /^gatehouse_database_up 0$/m);
    assert.match(text, /^gatehouse_check\{about="database"\} 2$/m);
  });
});

describe('Health where a mail server is set', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal({ env: { SMTP_URL: 'smtp://who:what@mail.example:2525' } });
  });
  after(() => portal.close());

  it('names it, and no mail log says that mails reach nobody', async () => {
    const health = await (await portal.signedIn('platform/opal')).get('/platform/health');
    assert.match(health.text, /go to mail\.example:2525\./);
    const log = await (await portal.signedIn('acme/adam')).get('/admin/mail');
    assert.equal(log.heading, 'Mail log');
    assert.doesNotMatch(log.text, /reach nobody/);
  });
});

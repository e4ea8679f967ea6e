import { counted } from '#policies/counted.js';
import { lastBackup } from '#server/backup/last.js';
import type { Services } from '#server/context.js';
import { DAY, MINUTE, SECOND } from '#server/lib/clock.js';
import { spanText, type Finding } from './finding.js';

const QUEUED = `SELECT COUNT(*) AS mails, MIN(created_at) AS oldest FROM outbox_messages WHERE state = 'queued'`;
const OTHERS = `SELECT state, COUNT(*) AS mails FROM outbox_messages WHERE state <> 'queued' GROUP BY state`;
const FAILED = `SELECT COUNT(*) AS mails FROM outbox_messages WHERE state = 'failed' AND created_at > $1`;
const LATE_MAIL = 15 * MINUTE;

/** How many mails wait, and how long the oldest has. */
export async function checkOutbox({ database, clock }: Services): Promise<Finding> {
  const now = clock.now();
  const [[queued], [failed]] = await Promise.all([database.read(QUEUED, []), database.read(FAILED, [now - DAY])]);
  const waiting = Number(queued?.['mails'] ?? 0);
  const age = waiting === 0 ? 0 : Math.max(0, now - Number(queued?.['oldest']));
  const lost = Number(failed?.['mails'] ?? 0);
  const text = [
    waiting === 0
      ? 'No mail waits.'
      : waiting === 1
        ? `1 mail waits, for ${spanText(age)}.`
        : `${waiting} mails wait, the oldest for ${spanText(age)}.`,
    ...(lost === 0 ? [] : [`${lost} of the last 24 hours ${lost === 1 ? 'was' : 'were'} given up.`]),
  ].join(' ');
  const figures = { outbox_oldest_seconds: age / SECOND, outbox_given_up_last_day: lost };
  return { about: 'outbox', state: age > LATE_MAIL || lost > 0 ? 'warn' : 'ok', text, figures };
}

/** Whether mails leave this machine. Only `doctor` signs in to the server: a page does not wait for one. */
export function checkMailServer({ config }: Services): Promise<Finding> {
  const [state, text] =
    config.smtpUrl === null
      ? (['warn', 'SMTP_URL is not set: mails are written to files, and reach nobody.'] as const)
      : (['ok', `Mails go to ${new URL(config.smtpUrl).host}.`] as const);
  return Promise.resolve({ about: 'mail', state, text });
}

/** How many mails there are of each state. */
export async function countMails({ database }: Services): Promise<Record<string, number>> {
  const [[queued], others] = await Promise.all([database.read(QUEUED, []), database.read(OTHERS, [])]);
  return {
    queued: Number(queued?.['mails'] ?? 0),
    ...Object.fromEntries(others.map(({ state, mails }) => [String(state), Number(mails)])),
  };
}

export interface JobRun {
  name: string;
  ranAt: number;
  succeededAt: number | null;
  failures: number;
  nextAt: number;
}

/** The jobs, as their last runs left them. */
export async function readJobs({ database }: Services): Promise<JobRun[]> {
  const rows = await database.read(
    'SELECT name, ran_at, succeeded_at, failures, next_at FROM job_runs ORDER BY name',
    [],
  );
  return rows.map((row) => ({
    name: String(row['name']),
    ranAt: Number(row['ran_at']),
    succeededAt: row['succeeded_at'] === null ? null : Number(row['succeeded_at']),
    failures: Number(row['failures']),
    nextAt: Number(row['next_at']),
  }));
}

const LATE_JOB = 5 * MINUTE;
const MANY_FAILURES = 3;

/** True of a job whose time has come and gone, and nobody ran it. */
export function isLate({ nextAt }: JobRun, now: number): boolean {
  return now - nextAt > LATE_JOB;
}

/** Whether what runs by the clock does. */
export async function checkJobs(services: Services): Promise<Finding> {
  const about = 'jobs';
  const now = services.clock.now();
  const jobs = await readJobs(services);
  const failing = jobs.filter(({ failures }) => failures >= MANY_FAILURES).map(({ name }) => name);
  const late = jobs.filter((job) => isLate(job, now)).map(({ name }) => name);
  const figures = { jobs_failing: failing.length, jobs_late: late.length };
  if (jobs.length === 0)
    return { about, state: 'warn', text: 'No job has run yet: Gatehouse has not served for a minute.', figures };
  if (failing.length > 0)
    return { about, state: 'fail', text: `Failing again and again: ${failing.join(', ')}. The log says why.`, figures };
  if (late.length > 0)
    return {
      about,
      state: 'warn',
      text: `Not run when it was time: ${late.join(', ')}. Is Gatehouse running?`,
      figures,
    };
  return { about, state: 'ok', text: `${counted(jobs.length, 'job runs', 'jobs run')} in time.`, figures };
}

/** Which jobs a process holds now, so that no other runs them. */
export async function checkLeases({ database, clock }: Services): Promise<Finding> {
  const now = clock.now();
  const held = await database.read('SELECT name, expires_at FROM leases WHERE expires_at > $1 ORDER BY name', [now]);
  const names = held.map(
    ({ name, expires_at: until }) => `${String(name)} (for ${spanText(Number(until) - now)} at most)`,
  );
  const text = names.length === 0 ? 'No job is held.' : `Held: ${names.join(', ')}.`;
  return { about: 'leases', state: 'ok', text, figures: { leases_held: held.length } };
}

const OLD_BACKUP = 8 * DAY;

/** When the last backup was made. */
export async function checkBackup(services: Services): Promise<Finding> {
  const about = 'backup';
  const at = await lastBackup(services);
  if (at === null)
    return { about, state: 'warn', text: 'No backup has been made yet. Make one, with: gatehouse backup <file>' };
  const figures = { last_backup_timestamp_seconds: at / SECOND };
  const age = services.clock.now() - at;
  const text = `The last backup was made on ${new Date(at).toISOString()}.`;
  return age < OLD_BACKUP
    ? { about, state: 'ok', text, figures }
    : {
        about,
        state: 'warn',
        text: `${text} That is ${spanText(age)} ago: make another, with: gatehouse backup <file>`,
        figures,
      };
}

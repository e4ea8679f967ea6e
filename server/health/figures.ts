import type { Services } from '#server/context.js';
import { MINUTE, SECOND } from '#server/lib/clock.js';
import { readHealth } from './read.js';
import { countMails, readJobs } from './work.js';

/** Every figure that a finding may have, and what it is. */
const HELP: Readonly<Record<string, string>> = {
  database_up: 'Whether the database answers',
  database_size_bytes: 'Size of the database',
  migrations_pending: 'Migrations that have not been run',
  keys: 'Secret keys in the ring',
  outbox_oldest_seconds: 'For how long the oldest mail has waited',
  outbox_given_up_last_day: 'Mails of the last 24 hours that were given up',
  jobs_failing: 'Jobs that fail again and again',
  jobs_late: 'Jobs that were not run when it was time',
  leases_held: 'Jobs that a process holds now',
  disk_free_bytes: 'What is free where DATA_DIR lies',
  last_backup_timestamp_seconds: 'When the last backup was made',
};

const STATES = { ok: 0, warn: 1, fail: 2 };
const OPEN = 'SELECT COUNT(*) AS open FROM sessions WHERE ended_at IS NULL AND last_seen_at > $1';

/** What the page of health says, as figures: the same for each process, so that they are not added up. */
export async function healthFigures(services: Services): Promise<string> {
  const { Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `gatehouse_${name}`, help, labelNames, registers: [registry] });

  const check = gauge('check', 'What was found of each thing: 0 it works, 1 look at it, 2 it fails', ['about']);
  for (const { about, state, figures = {} } of await readHealth(services)) {
    check.set({ about }, STATES[state]);
    for (const [name, value] of Object.entries(figures)) gauge(name, HELP[name] ?? name).set(value);
  }
  try {
    const mails = gauge('outbox_messages', 'Mails in the outbox, by state', ['state']);
    for (const [state, many] of Object.entries(await countMails(services))) mails.set({ state }, many);
    const [seen] = await services.database.read(OPEN, [services.clock.now() - 15 * MINUTE]);
    gauge('sessions_seen', 'Sessions that are open and were seen in the last 15 minutes').set(Number(seen?.['open']));
    const ran = gauge('job_last_run_timestamp_seconds', 'When each job last ran', ['job']);
    const succeeded = gauge('job_last_success_timestamp_seconds', 'When each job last went well', ['job']);
    const next = gauge('job_next_run_timestamp_seconds', 'When each job is to run next', ['job']);
    const failed = gauge('job_failures', 'How often in a row each job has failed up to now', ['job']);
    for (const { name: job, ranAt, succeededAt, nextAt, failures } of await readJobs(services)) {
      ran.set({ job }, ranAt / SECOND);
      if (succeededAt !== null) succeeded.set({ job }, succeededAt / SECOND);
      next.set({ job }, nextAt / SECOND);
      failed.set({ job }, failures);
    }
  } catch {
    // Without a database there are no figures of it; that it does not answer is one, and stands above.
  }
  return registry.metrics();
}

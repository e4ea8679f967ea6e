import type { Services } from '#server/context.js';
import { makeDailyCheckpoints } from '#server/features/security-log/daily-checkpoints.js';
import { startDueChanges } from '#server/features/security-policy/start.js';
import { sealAnew } from '#server/keys/sealed.js';
import { lookAfterApprovals } from './approvals.js';
import { MINUTE, SECOND } from '#server/lib/clock.js';
import { deliverDue } from '#server/mail/delivery.js';
import type { Mailer } from '#server/mail/mailer.js';
import { endGrace } from './account-removals.js';
import { sendDigests } from './daily-digest.js';
import { noticeExpiries } from './expiry-notices.js';
import { withLease } from './lease.js';
import { workOnLogWalks } from './log-walks.js';
import { RunNotes } from './note-run.js';
import { workOnPeople } from './people.js';
import { noticeComingChanges } from './policy-notices.js';
import { purge } from './purge.js';

interface Job {
  readonly name: string;
  readonly everyMs: number;
  /** Null where processes may do it side by side: a mail is claimed one by one. */
  readonly leaseMs: number | null;
  run(services: Services, mailer: Mailer, stop: AbortSignal): Promise<unknown>;
}

/** What runs by the clock. */
const JOBS: readonly Job[] = [
  { name: 'keys', everyMs: SECOND, leaseMs: null, run: followKeys },
  {
    name: 'seal-anew',
    everyMs: 10 * MINUTE,
    leaseMs: 5 * MINUTE,
    run: (services, _mailer, stop) => sealAnew(services, stop),
  },
  {
    name: 'policy-starts',
    everyMs: 10 * SECOND,
    leaseMs: null,
    run: (services, _mailer, stop) => startDueChanges(services, stop),
  },
  {
    name: 'policy-notices',
    everyMs: 10 * MINUTE,
    leaseMs: 5 * MINUTE,
    run: (services, _mailer, stop) => noticeComingChanges(services, stop),
  },
  { name: 'mail', everyMs: SECOND, leaseMs: null, run: deliverDue },
  { name: 'purge', everyMs: 10 * MINUTE, leaseMs: 5 * MINUTE, run: (services, _mailer, stop) => purge(services, stop) },
  {
    name: 'expiry-notices',
    everyMs: 10 * MINUTE,
    leaseMs: 5 * MINUTE,
    run: (services, _mailer, stop) => noticeExpiries(services, stop),
  },
  {
    name: 'approvals',
    everyMs: 10 * MINUTE,
    leaseMs: 5 * MINUTE,
    run: (services, _mailer, stop) => lookAfterApprovals(services, stop),
  },
  {
    name: 'account-removals',
    everyMs: 10 * MINUTE,
    leaseMs: 5 * MINUTE,
    run: (services, _mailer, stop) => endGrace(services, stop),
  },
  {
    name: 'log-checkpoints',
    everyMs: 10 * MINUTE,
    leaseMs: 5 * MINUTE,
    run: (services, _mailer, stop) => makeDailyCheckpoints(services, stop),
  },
  {
    name: 'log-walks',
    everyMs: SECOND,
    leaseMs: null,
    run: (services, _mailer, stop) => workOnLogWalks(services, stop),
  },
  {
    name: 'daily-digest',
    everyMs: 10 * MINUTE,
    leaseMs: 5 * MINUTE,
    run: (services, _mailer, stop) => sendDigests(services, stop),
  },
  { name: 'people', everyMs: SECOND, leaseMs: null, run: (services, _mailer, stop) => workOnPeople(services, stop) },
];

// A rotation by the command line takes hold without a restart.
function followKeys({ keys, log }: Services): Promise<void> {
  if (keys.refresh()) log.info({ key: keys.currentId }, 'secret key rotated');
  return Promise.resolve();
}

const LONGEST_PAUSE = MINUTE;

export interface RunningJobs {
  /** Starts nothing more, and waits for what is running. */
  stop(): Promise<void>;
}

/** Runs every job at its interval, in this process, until stopped. A job that fails is logged and tried again, less and less often. */
export function startJobs(services: Services, mailer: Mailer): RunningJobs {
  const stopping = new AbortController();
  const loops = JOBS.map((job) => repeat(job, services, mailer, stopping.signal));
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

async function repeat(job: Job, services: Services, mailer: Mailer, stop: AbortSignal): Promise<void> {
  let failures = 0;
  const notes = new RunNotes();
  // The first time soon: after a restart there may be much to catch up with.
  await pause(Math.min(job.everyMs, 5 * SECOND), stop);
  while (!stop.aborted) {
    failures = (await ran(job, services, mailer, stop)) ? 0 : failures + 1;
    const nextIn = failures === 0 ? job.everyMs : Math.min(SECOND * 2 ** failures, LONGEST_PAUSE);
    await notes.note(services, { name: job.name, failures, nextIn });
    await pause(nextIn, stop);
  }
}

async function ran(job: Job, services: Services, mailer: Mailer, stop: AbortSignal): Promise<boolean> {
  const run = (): Promise<unknown> => job.run(services, mailer, stop);
  try {
    await (job.leaseMs === null ? run() : withLease(services, job.name, job.leaseMs, run));
    return true;
  } catch (error) {
    // The message alone: a database error carries the statement with its values.
    services.log.error({ job: job.name, error: error instanceof Error ? error.message : 'unknown' }, 'A job failed');
    return false;
  }
}

/** Waits, without keeping the process alive for it, and no longer than until `stop`. */
function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms).unref();
    stop.addEventListener('abort', end, { once: true });
  });
}

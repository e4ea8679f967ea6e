import { setMaxListeners } from 'node:events';
import { SYSTEM } from '#policies/actor.js';
import { contextWithoutRequest, type Services } from '#server/context.js';
import { makeDailyCheckpoints } from '#server/features/security-log/daily-checkpoints.js';
import { startDueChanges } from '#server/features/security-policy/start.js';
import { tellOfRotation } from '#server/identity/key-rotation.js';
import { writeRefusals } from '#server/identity/refusals.js';
import { noteKeys } from '#server/keys/known.js';
import { sealAnew } from '#server/keys/sealed.js';
import { lookAfterApprovals } from './approvals.js';
import { MINUTE, SECOND } from '#server/lib/clock.js';
import { deliverDue } from '#server/mail/delivery.js';
import type { Mailer } from '#server/mail/mailer.js';
import { writeRepeatsOver } from '#server/trace/repeated.js';
import { endGrace } from './account-removals.js';
import { sendDigests } from './daily-digest.js';
import { noticeExpiries } from './expiry-notices.js';
import { withLease } from './lease.js';
import { workOnLogWalks } from './log-walks.js';
import { forgetOtherJobs, RunNotes } from './note-run.js';
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

type Work = (services: Services, stop: AbortSignal) => Promise<unknown>;

// Every ten minutes, by one process at a time.
function byTurns(name: string, work: Work): Job {
  return {
    name,
    everyMs: 10 * MINUTE,
    leaseMs: 5 * MINUTE,
    run: (services, _mailer, stop) => work(services, stop),
  };
}

// By every process: what it works on is taken piece by piece.
function together(name: string, everyMs: number, work: Work): Job {
  return { name, everyMs, leaseMs: null, run: (services, _mailer, stop) => work(services, stop) };
}

/** What runs by the clock. */
const JOBS: readonly Job[] = [
  { name: 'keys', everyMs: SECOND, leaseMs: null, run: followKeys },
  byTurns('seal-anew', lookAfterKeys),
  together('policy-starts', 10 * SECOND, startDueChanges),
  byTurns('policy-notices', noticeComingChanges),
  { name: 'mail', everyMs: SECOND, leaseMs: null, run: deliverDue },
  byTurns('purge', clearUp),
  byTurns('expiry-notices', noticeExpiries),
  byTurns('approvals', lookAfterApprovals),
  byTurns('account-removals', endGrace),
  byTurns('log-checkpoints', makeDailyCheckpoints),
  together('log-walks', SECOND, workOnLogWalks),
  byTurns('daily-digest', sendDigests),
  together('people', SECOND, workOnPeople),
  together('log-repeats', 10 * SECOND, writeRepeated),
];

const namesOfJobs = (): string[] => JOBS.map(({ name }) => name);

// What this process has counted belongs to the minute that may be over.
async function writeRepeated(services: Services, stop: AbortSignal): Promise<void> {
  await writeRefusals(services);
  await writeRepeatsOver(services, stop);
}

// A rotation by the command line takes hold without a restart.
function followKeys({ keys, log }: Services): Promise<void> {
  if (keys.refresh()) log.info({ key: keys.currentId }, 'secret key rotated');
  return Promise.resolve();
}

// Again and again: a process of the version before may have served on for a while, and noted its own.
async function clearUp(services: Services, stop: AbortSignal): Promise<void> {
  await forgetOtherJobs(services, namesOfJobs());
  await purge(services, stop);
}

// Also after a rotation that was killed, or that somebody made by hand.
async function lookAfterKeys(services: Services, stop: AbortSignal): Promise<void> {
  await noteKeys(contextWithoutRequest(services, SYSTEM, 'job'), tellOfRotation);
  await sealAnew(services, stop);
}

const LONGEST_PAUSE = MINUTE;

export interface RunningJobs {
  /** Starts nothing more, and waits for what is running. */
  stop(): Promise<void>;
}

/** Runs every job at its interval, in this process, until stopped. A job that fails is logged and tried again, less and less often. */
export function startJobs(services: Services, mailer: Mailer): RunningJobs {
  const stopping = new AbortController();
  // Each job waits for it, and there are more of them than Node takes for a leak.
  setMaxListeners(JOBS.length, stopping.signal);
  const loops = [
    forgetOtherJobs(services, namesOfJobs()),
    ...JOBS.map((job) => repeat(job, services, mailer, stopping.signal)),
  ];
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

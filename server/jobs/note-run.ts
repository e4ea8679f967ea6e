import { QueryTypes } from 'sequelize';
import type { Services } from '#server/context.js';
import { MINUTE } from '#server/lib/clock.js';

interface Run {
  name: string;
  /** How often in a row it has failed now; 0 when it went well. */
  failures: number;
  /** In how many milliseconds it runs again. */
  nextIn: number;
}

// The comment in front keeps Sequelize from taking it for an INSERT of its own.
const NOTE = `/* note */
INSERT INTO job_runs (name, ran_at, succeeded_at, failures, next_at)
VALUES ($1, CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS INTEGER), CAST($5 AS BIGINT))
ON CONFLICT (name) DO UPDATE SET ran_at = excluded.ran_at, failures = excluded.failures, next_at = excluded.next_at,
  succeeded_at = COALESCE(excluded.succeeded_at, job_runs.succeeded_at)
RETURNING name`;

/** Forgets how jobs ran that are none any more, of a version before: they would count as late for ever. */
export async function forgetOtherJobs({ database, log }: Services, names: readonly string[]): Promise<void> {
  const places = names.map((_, at) => `$${at + 1}`).join(', ');
  const sql = `/* note */ DELETE FROM job_runs WHERE name NOT IN (${places}) RETURNING name`;
  try {
    await database.sequelize.query(sql, { bind: [...names], type: QueryTypes.SELECT, transaction: null });
  } catch {
    log.warn('The jobs of a version before could not be forgotten');
  }
}

/** Notes how the runs of one job end, for who looks after the installation. */
export class RunNotes {
  #failures = 0;
  #notedAt = -Infinity;

  /** What runs each second is noted once a minute, and at once when it begins to fail or has recovered, or the clock was put back. */
  async note({ database, clock, log }: Services, { name, failures, nextIn }: Run): Promise<void> {
    const now = clock.now();
    const turned = failures > 0 !== this.#failures > 0;
    this.#failures = failures;
    if (!turned && Math.abs(now - this.#notedAt) < MINUTE) return;
    this.#notedAt = now;
    const soonest = Math.max(nextIn, MINUTE);
    try {
      await database.sequelize.query(NOTE, {
        bind: [name, now, failures === 0 ? now : null, failures, now + soonest],
        type: QueryTypes.SELECT,
        transaction: null,
      });
    } catch {
      // Without a database jobs fail, which is in the log already.
      log.warn({ job: name }, 'How a job ended could not be noted');
    }
  }
}

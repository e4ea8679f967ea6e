import { ROW_STATES, type RowState } from '#policies/enumerations.js';
import type { Database } from './database.js';
import { count, key, of, optionalReference, optionalText, reference, table } from './columns.js';
import { readInTransaction } from './transaction.js';

/** One row as a preview makes it. */
export interface NewRow {
  place: number;
  userId: string | null;
  state: RowState;
  note: string | null;
  input: string | null;
}

// One statement for thousands, whichever the engine.
const ADD = {
  sqlite: `INSERT INTO user_job_rows (tenant_id, job_id, place, user_id, state, note, input)
SELECT $1, $2, r.value->>'place', r.value->>'userId', r.value->>'state', r.value->>'note', r.value->>'input' FROM json_each($3) r`,
  postgres: `INSERT INTO user_job_rows (tenant_id, job_id, place, user_id, state, note, input)
SELECT $1, $2, (r->>'place')::integer, r->>'userId', r->>'state', r->>'note', r->>'input' FROM json_array_elements($3::json) r`,
} as const;
const AT_ONCE = 2000;

// Only while the job runs: once it is cancelled, nothing more of it happens.
const TAKE = `UPDATE user_job_rows SET state = 'done' WHERE job_id = $1 AND place = $2 AND state = 'waiting'
AND EXISTS (SELECT 1 FROM user_jobs j WHERE j.id = $1 AND j.state = 'running') RETURNING place`;

/** One person of a job, and what has become of it. */
export class UserJobRow extends table('user_job_rows', {
  tenantId: reference,
  jobId: key(reference),
  /** Its place in the preview; of a file the line. */
  place: key(count),
  /** No reference: who has been removed stays counted. */
  userId: optionalReference,
  state: of(ROW_STATES),
  note: optionalText,
  /** What a file says of the person, and what that changes, as JSON. */
  input: optionalText,
}) {
  /** Adds the rows of a preview. Inside its transaction. */
  static async addAll({ sequelize, dialect }: Database, tenantId: string, jobId: string, rows: readonly NewRow[]) {
    for (let from = 0; from < rows.length; from += AT_ONCE)
      await sequelize.query(ADD[dialect], {
        bind: [tenantId, jobId, JSON.stringify(rows.slice(from, from + AT_ONCE))],
      });
  }

  /** Takes a row that waits, once; false when it is done already, or the job runs no more. Inside the write that it is for. */
  static async take(jobId: string, place: number): Promise<boolean> {
    return (await readInTransaction(TAKE, [jobId, place])).length === 1;
  }

  /** How many rows of the job there are of each state. */
  static async counts(jobId: string): Promise<Record<RowState, number>> {
    const rows = (await UserJobRow.count({ where: { jobId }, group: ['state'] })) as unknown as {
      state: RowState;
      count: number;
    }[];
    const none = { waiting: 0, done: 0, unchanged: 0, 'left-out': 0, refused: 0 };
    return { ...none, ...Object.fromEntries(rows.map(({ state, count }) => [state, count])) };
  }

  /** Forgets what files said of somebody who is being removed. */
  static async forget(tenantId: string, userId: string): Promise<void> {
    await UserJobRow.update({ input: null }, { where: { tenantId, userId } });
  }
}

import { Op } from 'sequelize';
import type { Database } from './database.js';
import { writeTogether } from './shared-writes.js';
import { key, optionalReference, optionalText, optionalTime, table, text, time } from './columns.js';

const TEN_MINUTES = 600_000;

const INTO = 'INSERT INTO answered_forms (id, session_id, created_at)';
const ONCE = 'ON CONFLICT (id) DO NOTHING RETURNING id AS written';
const TAKE = {
  one: `${INTO} VALUES ($1, $2, $3) ${ONCE}`,
  several: `${INTO} SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1) WHERE true ${ONCE}`,
};

const KEEP = {
  one: 'UPDATE answered_forms SET answered_at = $2, sealed_answer = $3 WHERE id = $1 RETURNING id AS written',
  several: `UPDATE answered_forms SET answered_at = given.value ->> 1, sealed_answer = given.value ->> 2
FROM json_each($1) AS given WHERE answered_forms.id = given.value ->> 0 RETURNING answered_forms.id AS written`,
};

const LOOK = `SELECT id AS asked_for, session_id, created_at, answered_at, sealed_answer
FROM answered_forms WHERE id = $1`;

/** What is known of a form that was sent. */
export type Sent = Pick<AnsweredForm, 'sessionId' | 'createdAt' | 'answeredAt' | 'sealedAnswer'>;

/** A form that was taken, and for some minutes its answer, sealed: whoever sends it twice is given that. */
export class AnsweredForm extends table('answered_forms', {
  /** A keyed hash of the form as it was rendered and filled in, and of the browser: only who has all of it finds the row. */
  id: key(text),
  /** The session that it was sent in; null for a visitor's. */
  sessionId: optionalReference,
  createdAt: time,
  /** Null while the first sending is being worked on. */
  answeredAt: optionalTime,
  sealedAnswer: optionalText,
}) {
  static readonly READABLE = TEN_MINUTES;

  /** Takes the form: true for exactly one of any number of sendings. */
  static take(database: Database, id: string, sessionId: string | null, now: number): Promise<boolean> {
    return writeTogether(database, TAKE, [id, sessionId, now]);
  }

  /** Keeps what it was answered, sealed; null of what is given out once. */
  static async keep(database: Database, id: string, sealedAnswer: string | null, now: number): Promise<void> {
    await writeTogether(database, KEEP, [id, now, sealedAnswer]);
  }

  /** What is known of the form; null when it was not sent, or was refused. */
  static async look({ readTogether }: Pick<Database, 'readTogether'>, id: string): Promise<Sent | null> {
    const [row] = await readTogether(LOOK, [id]);
    if (!row) return null;
    return {
      sessionId: row['session_id'] as string | null,
      createdAt: Number(row['created_at']),
      answeredAt: row['answered_at'] === null ? null : Number(row['answered_at']),
      sealedAnswer: row['sealed_answer'] as string | null,
    };
  }

  /** Erases what was answered too long ago to be given out again. */
  static erase(now: number): Promise<unknown> {
    const answeredAt = { [Op.lte]: now - AnsweredForm.READABLE };
    return AnsweredForm.update({ sealedAnswer: null }, { where: { answeredAt, sealedAnswer: { [Op.ne]: null } } });
  }

  /** From now on what a form of this session was answered is shown to nobody. */
  static async forget(sessionId: string): Promise<void> {
    await AnsweredForm.update({ sealedAnswer: null }, { where: { sessionId, sealedAnswer: { [Op.ne]: null } } });
  }
}

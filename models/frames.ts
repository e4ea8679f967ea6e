import { DatabaseError, type Sequelize, type Transaction } from 'sequelize';

type Framed = Transaction & { parent?: Transaction; connection: unknown; finished?: 'commit' | 'rollback' };
type Frame = (transaction: Framed, options: object) => Promise<unknown>;
type Frames = Record<'startTransaction' | 'commitTransaction' | 'rollbackTransaction', Frame>;

/**
 * Has transactions begun and ended by the connection itself: Sequelize takes as long over these three words as over a
 * statement of a model. Savepoints stay with it. What the database refuses is a `DatabaseError`, as ever.
 */
export function framesByHand(
  sequelize: Sequelize,
  begin: string,
  send: (connection: unknown, sql: string) => Promise<unknown>,
): void {
  const frames = sequelize.getQueryInterface() as unknown as Frames;
  const byHand = (name: keyof Frames, sql: string, finished: Framed['finished']): void => {
    const usual = frames[name].bind(frames);
    frames[name] = async (transaction, options) => {
      if (transaction.parent) return usual(transaction, options);
      if (finished) transaction.finished = finished;
      try {
        return await send(transaction.connection, sql);
      } catch (error) {
        // SQLite leaves it open where its commit comes to nothing, and its connection, which is used again, would lock all others out.
        if (finished === 'commit') await send(transaction.connection, 'ROLLBACK;').catch(() => undefined);
        throw new DatabaseError(Object.assign(error as Error, { sql }));
      }
    };
  };
  byHand('startTransaction', begin, undefined);
  byHand('commitTransaction', 'COMMIT;', 'commit');
  byHand('rollbackTransaction', 'ROLLBACK;', 'rollback');
}

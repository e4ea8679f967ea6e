import type { Database } from '#models/database.js';

/** Does this when the next transaction is about to begin; gives what says whether one did, and waits for none any more. */
export function asTheWriteBegins({ sequelize }: Database, act: () => Promise<unknown>): () => boolean {
  const transaction = sequelize.transaction.bind(sequelize);
  let begun = false;
  const waiting = async (...given: unknown[]): Promise<unknown> => {
    if (!begun) {
      begun = true;
      await act();
    }
    return (transaction as (...all: unknown[]) => Promise<unknown>)(...given);
  };
  sequelize.transaction = waiting as typeof sequelize.transaction;
  return () => {
    sequelize.transaction = transaction;
    return begun;
  };
}

import type { Socket } from 'node:net';
import type { Client } from 'pg';

/** How long the server works at one statement before it ends it, in milliseconds. */
export const STATEMENT_TIMEOUT = 30_000;

/** Later than the server's own end of a statement, so that its word, which says more, comes first. */
export const SILENT_AFTER = STATEMENT_TIMEOUT + 5_000;

// What the driver has and its types do not tell of.
type Inner = Client & { connection: { stream: Socket }; readyForQuery: boolean };

/**
 * Drops a connection on which the server owes an answer and has said nothing for so long. A machine that is gone, or a firewall
 * that has forgotten the connection, says nothing ever: the page would wait for a quarter of an hour, with its place in the pool.
 */
export function dropWhenSilent(client: Client, after: number): void {
  const inner = client as Inner;
  const { stream } = inner.connection;
  stream.setTimeout(after);
  stream.on('timeout', () => {
    if (inner.readyForQuery) return; // nobody waits for it
    stream.destroy(Object.assign(new Error('The database has not answered.'), { code: 'ETIMEDOUT' }));
  });
}

/** Lets what is done on this connection take as long as it takes; afterwards all is as before. */
export async function waitingForEver<T>(client: unknown, work: () => Promise<T>): Promise<T> {
  const { stream } = (client as Inner).connection;
  const after = stream.timeout ?? 0;
  stream.setTimeout(0);
  try {
    return await work();
  } finally {
    stream.setTimeout(after);
  }
}

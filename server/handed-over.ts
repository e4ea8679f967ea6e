import type { Worker } from 'node:cluster';

interface Connection {
  close(): void;
}

/**
 * Closes, when this process dies, the connection that it was handed and has not taken. Whoever leads hands them over one at a
 * time, and closes their own end once they hear that the other has it: of a process that never says so, Node leaves it open,
 * and whoever asked waits until they give up.
 */
export function endWithWorker(worker: Worker): void {
  const { process: child } = worker;
  const send = child.send.bind(child) as (...given: unknown[]) => boolean;
  let handed: Connection | undefined;
  child.send = (...given: unknown[]) => {
    const [message, connection] = given as [{ act?: string }, Connection | undefined];
    if (message.act === 'newconn') handed = connection;
    return send(...given);
  };
  // One that was taken is closed already, which Node passes over.
  worker.once('exit', () => handed?.close());
}

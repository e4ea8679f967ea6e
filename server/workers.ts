import cluster, { type Worker } from 'node:cluster';
import { SYSTEM } from '#policies/actor.js';
import type { Config } from './config.js';
import { contextWithoutRequest } from './context.js';
import { printSetupLink } from './features/setup/actions.js';
import { endWithWorker } from './handed-over.js';
import { tellOfRotation } from './identity/key-rotation.js';
import { holdKeys } from './keys/known.js';
import { SECOND } from './lib/clock.js';
import type { Log } from './lib/log.js';
import { gatherFigures } from './lib/worker-figures.js';
import { bringUpToDate, openServices } from './services.js';

/** Leads the processes that serve: brings the database up to date once, starts them, and replaces those that die. */
export async function leadWorkers(config: Config, log: Log): Promise<void> {
  const services = await openServices(config, log);
  await bringUpToDate(services);
  await holdKeys(contextWithoutRequest(services, SYSTEM, 'job'), tellOfRotation);

  if (config.metricsToken !== null) await gatherFigures();
  const serving = new Set<Worker>();
  let stopping = false;
  let exitCode = 0;
  const stop = (): void => {
    stopping = true;
    endWithLast();
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
  };
  const endWithLast = (): void => {
    if (Object.keys(cluster.workers ?? {}).length === 0) process.exit(exitCode);
  };
  cluster.once('listening', () => {
    void printSetupLink(services).then(() => services.database.close());
  });
  cluster.on('listening', (worker) => serving.add(worker));
  cluster.on('exit', (worker, code, signal) => {
    // One that never came to serve has said why, and the next would not fare better.
    if (!serving.delete(worker) && !stopping) {
      exitCode = 1;
      stop();
    }
    if (stopping) {
      endWithLast();
      return;
    }
    log.error({ worker: worker.process.pid, code, signal }, 'a worker died; starting another');
    setTimeout(() => {
      if (!stopping) endWithWorker(cluster.fork());
    }, SECOND);
  });
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  for (let count = 0; count < config.workers; count += 1) endWithWorker(cluster.fork());
}

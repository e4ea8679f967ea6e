import cluster from 'node:cluster';
import type { Server } from 'node:http';
import { SYSTEM } from '#policies/actor.js';
import { createApp } from './app.js';
import type { Config } from './config.js';
import { contextWithoutRequest } from './context.js';
import { Unavailable } from './errors.js';
import { printSetupLink } from './features/setup/actions.js';
import { createFastServer } from './http/server.js';
import { startJobs } from './jobs/index.js';
import { tellOfRotation } from './identity/key-rotation.js';
import { writeRefusals } from './identity/refusals.js';
import { holdKeys } from './keys/known.js';
import { SECOND } from './lib/clock.js';
import type { Log } from './lib/log.js';
import { createMailer } from './mail/mailer.js';
import { bringUpToDate, demandUpToDate, openServices } from './services.js';

/** Supervisors kill what has not ended ten seconds after it was asked to. */
const LAST_ANSWERS = 8 * SECOND;
const LAST_WORK = 9 * SECOND;

/** Serves in this process until SIGTERM or SIGINT: what has been asked by then is still answered. */
export async function serve(config: Config, log: Log): Promise<void> {
  const services = await openServices(config, log);
  if (cluster.isPrimary) {
    await bringUpToDate(services);
    await holdKeys(contextWithoutRequest(services, SYSTEM, 'job'), tellOfRotation);
  } else {
    // In the place of one that died, long after the start: the code may be another since, or the database.
    await demandUpToDate(services.database);
  }
  const mailer = createMailer(config, log);
  const server = createFastServer(createApp({ config, database: services.database, mailer }, services), log);
  // Before anybody can know that it serves: who is told so may end it at once.
  const stopping = askedToStop();
  await listen(server, config);
  log.info({ url: config.baseUrl, host: config.host, port: config.port, pid: process.pid }, 'listening');
  log.flush();
  // Only now: a second start that finds the port taken must not void the link that the first one printed.
  if (cluster.isPrimary) await printSetupLink(services);
  const jobs = startJobs(services, mailer);

  const { signal, late } = await stopping;
  log.info({ signal }, 'draining');
  const stopJobs = jobs.stop();
  const work = (): Promise<unknown> => Promise.all([stopJobs, services.aside.settled()]);
  await Promise.race([
    drain(server)
      .then(work)
      .then(() => writeRefusals(services)),
    late,
  ]);
  mailer.close();
  await Promise.race([services.database.close(), late]);
  log.info('stopped');
  process.exit(0);
}

async function listen(server: Server, { host, port }: Config): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Unavailable(`Cannot listen on ${host}:${port} (HOST, PORT): ${error.message}`)),
    );
    server.listen(port, host, resolve);
  });
  server.removeAllListeners('error');
}

/** The first signal, and what resolves when there is no more time. */
async function askedToStop(): Promise<{ signal: string; late: Promise<void> }> {
  const signal = await new Promise<string>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, resolve);
  });
  return { signal, late: new Promise((resolve) => setTimeout(resolve, LAST_WORK)) };
}

/** Takes no more connections, and resolves when the last running request has been answered, or has had its time. */
async function drain(server: Server): Promise<void> {
  // A connection that is only kept open is closed at once, and a busy one as soon as it has its answer.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(sweep);
  clearTimeout(late);
}

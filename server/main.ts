import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { BadSettings, loadConfig, readDotEnv } from './config.js';
import { Refusal } from './errors.js';
import { createLog, type Log } from './lib/log.js';
import { serve } from './serve.js';
import { leadWorkers } from './workers.js';

/** Boots: the settings first, then one process that serves, or one that leads several. */
async function main(): Promise<void> {
  const settings = readDotEnv();
  if (settings['PORT']?.trim() === '0') settings['PORT'] = String(await freePort(settings['HOST']?.trim()));
  const config = loadConfig();
  const log = createLog(config.logLevel);
  process.on('uncaughtException', (error) => crash(log, error));
  process.on('unhandledRejection', (error) => crash(log, error));
  // The link of the first start has no reader, or no room: serving does not depend on it.
  process.stdout.on('error', () => undefined);
  if (config.workers > 1 && cluster.isPrimary) await leadWorkers(config, log);
  else await serve(config, log);
}

// Links are made with the port before anybody listens on it, and all the processes that serve share it.
async function freePort(host = ''): Promise<number> {
  const server = createServer().listen(0, host || '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

// What state a process is in after an error that nobody expected, nobody knows. Whoever supervises it starts another.
function crash(log: Log, error: unknown): never {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  log.fatal({ err: { name, message, stack } }, 'an error that nobody expected: stopping');
  process.exit(1);
}

main().catch((error: unknown) => {
  const expected = error instanceof BadSettings || error instanceof Refusal;
  process.stderr.write(
    `${expected ? error.message : `Gatehouse cannot start: ${error instanceof Error ? error.message : String(error)}`}\n`,
  );
  process.exit(1);
});

import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Finished } from './command-host.js';
import { programFile, type Program } from './program-file.js';

/** Starts a program of the project in a folder of its own, with these settings and no others. */
export function startProgram(
  program: Program,
  args: readonly string[],
  folder: string,
  settings: Record<string, string>,
): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(process.execPath, [programFile(program), ...args], {
    cwd: folder,
    env: { PATH, HOME, ...settings },
  });
}

/** What a program printed, and how it ended. */
export async function finished(child: ChildProcess): Promise<Finished> {
  if (!child.stdout || !child.stderr) throw new Error('The program has no output.');
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

export interface RunningServer {
  child: ChildProcess;
  url: string;
  /** What has been printed on standard output so far. */
  output(): string;
  /** The same of standard error. */
  errors(): string;
  /** Sends SIGTERM; gives the exit code. */
  stop(): Promise<number | null>;
}

/** Serves on a free port, and is there once it is ready to answer; throws with what it said when it ends before. */
export async function startServer(folder: string, settings: Record<string, string>): Promise<RunningServer> {
  const port = await freePort();
  const child = startProgram('server/main.ts', [], folder, { PORT: String(port), ...settings });
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += String(chunk)));
  child.stderr?.on('data', (chunk: Buffer) => (errors += String(chunk)));
  const ended = once(child, 'close') as Promise<[number | null]>;
  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(`${url}/readyz`))) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}: ${errors}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    child,
    url,
    output: () => output,
    errors: () => errors,
    async stop() {
      child.kill('SIGTERM');
      const [code] = await ended;
      return code;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { headers: { connection: 'close' } })).ok;
  } catch {
    return false;
  }
}

/**
 * A port that nobody listens on. Whoever connects to somewhere, in any of the tests beside this one, is given one of the
 * upper half by the system: a port from there could be taken again before it is used. So it is one of these.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';

/** Where a program of this machine is; null when it is not installed. Servers are often outside of PATH. */
export function pathTo(program: string): string | null {
  const { PATH = '' } = process.env;
  const folders = [...PATH.split(':'), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file)) ?? null;
}

/** `describe`, or where a reason stands against it one that skips and says why. */
export function describeUnless(reason: string | null): (title: string, tests: () => void) => void {
  return (title, tests) => {
    if (reason === null) describe(title, tests);
    else describe.skip(`${title} (skipped because ${reason})`, tests);
  };
}

/** Why tests that need these programs cannot run; null when all are there. */
export function missing(...programs: string[]): string | null {
  const gone = programs.filter((program) => pathTo(program) === null);
  return gone.length === 0 ? null : `${gone.join(' and ')} cannot be found`;
}

export interface Running {
  child: ChildProcess;
  /** What it has said so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts a program and waits until it takes connections at this port of the loopback; throws with what it said when it ends before. */
export async function startUntilListening(
  command: string,
  args: readonly string[],
  port: number,
  environment: Record<string, string> = {},
): Promise<Running> {
  const { PATH = '' } = process.env;
  const child = spawn(command, args, { env: { PATH, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (said += String(chunk)));
  const ended = once(child, 'close');
  for (let tries = 0; !(await listens(port)); tries += 1) {
    if (child.exitCode !== null || tries > 1200) {
      child.kill('SIGKILL');
      throw new Error(`${command} did not start: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    child,
    output: () => said,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(late);
    },
  };
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Runs a program to its end, for at most so long. */
export function run(
  command: string,
  args: readonly string[],
  ms = 20_000,
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: ms,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { status, stdout, stderr };
}

/** An example of the documentation, with these places changed for the test. Throws when one of them is not there. */
export function exampleWith(name: string, changes: Readonly<Record<string, string>>): string {
  let text = readFileSync(join(PROJECT_ROOT, 'docs', 'examples', name), 'utf8');
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`docs/examples/${name} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

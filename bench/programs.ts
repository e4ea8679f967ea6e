import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { freePort } from '../test/support/process.js';
import type { Place } from './place.js';

export const PASSWORD = 'plum-harbour-violet-84';
const METRICS_TOKEN = 'bench-only-metrics-token-0123456789';

export interface Program {
  url: string;
  pid: number;
  /** From the start of the process to its first answer, milliseconds. */
  startMs: number;
  stop(): Promise<void>;
}

/** The portal as it is served: built, in a process of its own, with its jobs and its log; of this checkout, or of another. */
export async function startPortal(place: Place, root = PROJECT_ROOT): Promise<Program> {
  const port = await freePort();
  const env = { ...ownEnvironment(), PORT: String(port), TRUST_PROXY: '1', METRICS_TOKEN, ...place };
  return started(
    () =>
      spawn(process.execPath, servingArguments(root), {
        cwd: root,
        env,
        stdio: ['ignore', 'ignore', 'inherit'],
      }),
    port,
  );
}

/** Waits until the portal has sent every mail that its people caused: that is work, and not what is measured. */
export async function mailsSent({ url }: Program): Promise<void> {
  for (;;) {
    const figures = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
    if (!/^gatehouse_outbox_messages\{state="queued"\} [1-9]/m.test(await figures.text())) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** What it is compared with: Express and EJS, a page of the same size, an answer of the same values, and nothing else. */
export async function startBare(pageFile: string, answerFile: string): Promise<Program> {
  const port = await freePort();
  const env = { ...ownEnvironment(), NODE_ENV: 'production' };
  const bare = join(PROJECT_ROOT, 'bench/bare.ts');
  return started(
    () =>
      spawn(process.execPath, ['--import', import.meta.resolve('tsx'), bare, pageFile, answerFile, String(port)], {
        env,
        stdio: ['ignore', 'ignore', 'inherit'],
      }),
    port,
  );
}

/** Runs a command of the built command line at this place; gives its standard output. */
export function gatehouse(place: Place, ...args: string[]): string {
  const program = join(PROJECT_ROOT, 'dist/server/cli/main.js');
  return execFileSync(process.execPath, [program, ...args], {
    env: { ...ownEnvironment(), ...place },
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
}

/** Resident memory of a process, megabytes. */
export function residentMegabytes(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1000);
}

/**
 * Looks at the memory of a process five times a second until it is stopped, and then says what it was before and the most
 * of each quarter of that time: what is held to its end grows from quarter to quarter.
 */
export function watchMemory(pid: number): () => string {
  const before = residentMegabytes(pid);
  const seen: number[] = [];
  const looking = setInterval(() => seen.push(residentMegabytes(pid)), 200);
  return () => {
    clearInterval(looking);
    const quarter = Math.max(1, Math.ceil(seen.length / 4));
    const most = [0, 1, 2, 3].map((at) => Math.max(0, ...seen.slice(at * quarter, (at + 1) * quarter)));
    return `memory ${before} MB before, at most ${most.filter(Boolean).join(', ')} MB in each quarter`;
  };
}

/** What a process has had of the processors, with all its threads, microseconds; in steps of 10,000. */
export function processorTime(pid: number): number {
  return ticksIn(`/proc/${pid}/stat`);
}

/** The same of its main thread alone, on which all JavaScript of ours runs: nothing is done sooner than in this time. */
export function mainThreadTime(pid: number): number {
  return ticksIn(`/proc/${pid}/task/${pid}/stat`);
}

function ticksIn(file: string): number {
  // After the name, which may hold anything, come the state and ten more; then the ticks of its own and of the system's.
  const after = readFileSync(file, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(after[11]) + Number(after[12])) * 10_000;
}

async function started(start: () => ChildProcess, port: number): Promise<Program> {
  const url = `http://127.0.0.1:${port}`;
  const began = performance.now();
  const child = start();
  const ended = once(child, 'close');
  while (!(await answers(`${url}/login`))) {
    if (child.exitCode !== null) throw new Error(`A program ended with ${child.exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    url,
    pid: child.pid ?? 0,
    startMs: Math.round(performance.now() - began),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { headers: { connection: 'close' } });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

function ownEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME };
}

/** As `npm run serve` does it, flags and all. */
function servingArguments(root: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: { serve: string };
  };
  return scripts.serve.replace(/^exec node /, '').split(' ');
}

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Command, Finished } from './command-host.js';
import { programFile } from './program-file.js';

/** One command after another, in a process that is kept for the next. */
interface Lane {
  asked: number;
  last: Promise<unknown>;
  host: Host | undefined;
}

interface Host {
  child: ChildProcess;
  /** What became of it, when it ends before it is told to. */
  ended: Promise<Finished>;
}

// Two, so that two commands can begin at the same moment.
const lanes: Lane[] = Array.from({ length: 2 }, () => ({ asked: 0, last: Promise.resolve(), host: undefined }));

/**
 * Runs the command line to its end, in a process that has it loaded already. Where a command is to be killed, or reads and
 * writes while it runs, `startProgram` gives it one of its own.
 */
export async function gatehouse(
  args: readonly string[],
  folder: string,
  settings: Record<string, string>,
  input = '',
): Promise<Finished> {
  const { PATH = '', HOME = '' } = process.env;
  const [one, other] = lanes as [Lane, Lane];
  const lane = other.asked < one.asked ? other : one;
  lane.asked += 1;
  const turn = lane.last.then(() => ask(lane, { args, folder, env: { PATH, HOME, ...settings }, input }));
  lane.last = turn.catch(() => undefined);
  try {
    return await turn;
  } finally {
    lane.asked -= 1;
  }
}

async function ask(lane: Lane, command: Command): Promise<Finished> {
  const { child, ended } = (lane.host ??= start());
  if (child.exitCode !== null)
    throw new Error(`The program went on after its command, and failed: ${(await ended).stderr}`);
  child.ref();
  child.channel?.ref();
  child.send(command);
  const answered = once(child, 'message').then(([finished]) => finished as Finished);
  const finished = await Promise.race([answered, ended]);
  if (child.exitCode !== null) lane.host = undefined;
  // Whoever starts it need not wait for it: it ends when that one does.
  child.unref();
  child.channel?.unref();
  return finished;
}

function start(): Host {
  const child = fork(programFile('test/support/command-host.ts'), [programFile('server/cli/main.ts')], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const { stderr } = child;
  if (!stderr) throw new Error('The program has no output.');
  (stderr as unknown as { unref(): void }).unref();
  const ended = Promise.all([once(child, 'close'), text(stderr)]).then(([[code], said]): Finished => ({
    code: code as number | null,
    stdout: '',
    stderr: said,
  }));
  return { child, ended };
}

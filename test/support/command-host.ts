import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

// A process that runs one command of the command line after another, each as if it had been started for it: half a second
// goes into loading the program, and tests run hundreds of commands. Its argument is the file of the program.

/** A command, and what the shell would have given it. */
export interface Command {
  args: readonly string[];
  folder: string;
  env: Record<string, string>;
  input: string;
}

/** What a program printed, and how it ended. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

const MOST_SECONDS = 60;
const PROGRAM = process.argv[2] ?? '';
let count = 0;

async function run({ args, folder, env, input }: Command): Promise<Finished> {
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, env);
  process.chdir(folder);
  process.argv = [process.execPath, PROGRAM, ...args];
  process.exitCode = 0;
  const streams = { stdin: Readable.from([input]), stdout: new PassThrough(), stderr: new PassThrough() };
  for (const [name, value] of Object.entries(streams))
    Object.defineProperty(process, name, { value, configurable: true });
  const said = Promise.all([text(streams.stdout), text(streams.stderr)]);
  const before = keptAlive();
  // The file alone is read anew, and so runs; what it imports is there.
  await import(`${pathToFileURL(PROGRAM).href}?${(count += 1)}`);
  await atItsEnd(before);
  streams.stdout.end();
  streams.stderr.end();
  const [stdout, stderr] = await said;
  process.chdir('/');
  return { code: Number(process.exitCode), stdout, stderr };
}

/** A process of its own would end when nothing keeps it alive any more: until then, this one says that it goes on. */
async function atItsEnd(before: number): Promise<void> {
  const latest = Date.now() + MOST_SECONDS * 1000;
  while (keptAlive() > before) {
    if (Date.now() > latest)
      throw new Error(`The command does not end: ${process.getActiveResourcesInfo().join(', ')}`);
    await wait(2);
  }
}

const keptAlive = (): number => process.getActiveResourcesInfo().length;

process.on('disconnect', () => process.exit());
process.on('message', (command: Command) => void run(command).then((finished) => process.send?.(finished)));

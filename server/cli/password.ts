import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { Option, type Command } from 'commander';
import { Invalid } from '#server/errors.js';

export interface PasswordOptions {
  password?: string;
  passwordStdin?: boolean;
}

/** The two ways to give a password; where a command asks for one, it is not shown while it is typed. */
export function takesPassword(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--password <password>',
        'the password; other users of this machine can see it while the command runs',
      ),
    )
    .addOption(new Option('--password-stdin', 'read the password from standard input').conflicts('password'));
}

/** The password that was given, or null. */
export async function givenPassword({ password, passwordStdin }: PasswordOptions): Promise<string | null> {
  return passwordStdin ? (await text(process.stdin)).replace(/\r?\n$/, '') : (password ?? null);
}

/** The password that was given or, at a terminal, is typed now, twice. */
export async function demandPassword(options: PasswordOptions, command: Command): Promise<string> {
  const given = await givenPassword(options);
  if (given !== null) return given;
  if (!process.stdin.isTTY) command.error('error: give a password, with --password-stdin or --password');
  const typed = await ask('Password: ');
  if (typed !== (await ask('The same again: ')))
    throw Invalid.field('password', 'The two passwords differ. Start again.');
  return typed;
}

/** Asks at the terminal, and shows nothing of the answer. */
function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve, reject) => {
    lines.once('close', () => reject(Invalid.field('password', 'No password was typed.')));
    lines.once('line', (line) => {
      process.stderr.write('\n');
      resolve(line);
      lines.close();
    });
  });
}

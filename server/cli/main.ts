#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { BadSettings } from '#server/config.js';
import { Invalid } from '#server/errors.js';
import { reasonOf } from '#server/lib/folder.js';
import { PROJECT_ROOT } from '#server/lib/project-root.js';

/** Adds its commands to the program. */
type Add = (program: Command) => void;

// By their names, so that a command loads what it needs and not what all the others do: half of its time.
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  migrate: async () => (await import('./migrate.js')).addMigrate,
  demo: async () => (await import('./demo.js')).addDemo,
  operator: async () => (await import('./operator.js')).addOperator,
  tenant: async () => (await import('./tenant.js')).addTenant,
  user: async () => (await import('./user.js')).addUser,
  role: async () => (await import('./role.js')).addRole,
  token: async () => (await import('./token.js')).addToken,
  approval: async () => (await import('./approval.js')).addApproval,
  policy: async () => (await import('./policy.js')).addPolicy,
  checkup: async () => (await import('./checkup.js')).addCheckup,
  mail: async () => (await import('./mail.js')).addMail,
  notification: async () => (await import('./notification.js')).addNotification,
  log: async () => (await import('./log.js')).addLog,
  key: async () => (await import('./key.js')).addKey,
  backup: async () => (await import('./backup.js')).addBackup,
  database: async () => (await import('./database.js')).addDatabase,
  doctor: async () => (await import('./doctor.js')).addDoctor,
};

const DONE = 0;
const REFUSED = 1;
const WRONG_USAGE = 2;

/** Runs the command of these arguments; gives the exit code. A refusal is one line on standard error. */
async function run(given: readonly string[]): Promise<number> {
  const program = new Command('gatehouse')
    .description('Looks after a Gatehouse from the machine that it runs on.')
    .exitOverride();
  const { version } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as { version: string };
  program.version(version);
  for (const load of needed(given[0])) (await load())(program);
  try {
    await program.parseAsync(given, { from: 'user' });
    return DONE;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE;
    process.stderr.write(`${inOneLine(error)}\n`);
    return REFUSED;
  }
}

/** The commands that these words are about: one by its name, none for the version, and all for whoever asks which there are. */
function needed(first: string | undefined): (() => Promise<Add>)[] {
  if (first === '--version' || first === '-V') return [];
  const named = first !== undefined && Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  return named ? [named] : Object.values(COMMANDS);
}

function inOneLine(error: unknown): string {
  if (error instanceof BadSettings) return `These settings are wrong: ${error.problems.join(' ')}`;
  if (error instanceof Invalid)
    return error.errors
      .map(({ field, message }, at) =>
        field && field !== error.errors[at - 1]?.field ? `${field}: ${message}` : message,
      )
      .join(' ');
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ');
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads only the beginning, as `| head` does, has had enough.
  if (error.code === 'EPIPE') process.exit(DONE);
  process.stderr.write(`Not all of it could be printed: ${reasonOf(error)}.\n`);
  process.exit(REFUSED);
});
process.exitCode = await run(process.argv.slice(2));

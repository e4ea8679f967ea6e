#!/usr/bin/env -S node --conditions=built
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { BadSettings } from '#server/config.js';
import { Invalid } from '#server/errors.js';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { addBackup } from './backup.js';
import { addCheckup } from './checkup.js';
import { addDatabase } from './database.js';
import { addDemo } from './demo.js';
import { addDoctor } from './doctor.js';
import { addKey } from './key.js';
import { addLog } from './log.js';
import { addMigrate } from './migrate.js';
import { addOperator } from './operator.js';
import { addPolicy } from './policy.js';
import { addRole } from './role.js';
import { addTenant } from './tenant.js';
import { addToken } from './token.js';
import { addUser } from './user.js';

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
  for (const add of [
    addMigrate,
    addDemo,
    addOperator,
    addTenant,
    addUser,
    addRole,
    addToken,
    addPolicy,
    addCheckup,
    addLog,
    addKey,
    addBackup,
    addDatabase,
    addDoctor,
  ])
    add(program);
  try {
    await program.parseAsync(given, { from: 'user' });
    return DONE;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE;
    process.stderr.write(`${inOneLine(error)}\n`);
    return REFUSED;
  }
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

// Whoever reads only the beginning, as `| head` does, has had enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(DONE);
});
process.exitCode = await run(process.argv.slice(2));

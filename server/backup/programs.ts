import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Conflict } from '#server/errors.js';

/**
 * Runs a program that comes with PostgreSQL, against this database. The password goes by a file of its owner's alone: what
 * stands in the arguments of a program, everybody on the machine can read.
 */
export async function runPostgresProgram(
  program: 'pg_dump' | 'pg_restore',
  args: readonly string[],
  databaseUrl: string,
  folder: string,
): Promise<void> {
  const url = new URL(databaseUrl);
  if (url.password !== '') {
    const file = join(folder, 'pgpass');
    const password = decodeURIComponent(url.password).replace(/[\\:]/g, '\\$&');
    writeFileSync(file, `*:*:*:*:${password}\n`, { mode: 0o600 });
    url.password = '';
    url.searchParams.set('passfile', file);
  }
  const child = spawn(program, ['--no-password', '--dbname', url.href, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? isMissing(program) : error));
    child.once('close', resolve);
  });
  const [code, said] = await Promise.all([ended, text(child.stderr)]);
  if (code !== 0) throw new Conflict(`${program} did not end well: ${lastLines(said)}`);
}

function isMissing(program: string): Conflict {
  return new Conflict(
    `${program} is not on this machine. Install the client programs of PostgreSQL (Debian: postgresql-client), of the version of the server or later.`,
  );
}

function lastLines(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-3).join(' ') || 'it said nothing.';
}

import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { BadSettings, loadConfig, readDotEnv, type Config } from '#server/config.js';
import { Conflict } from '#server/errors.js';
import { checkDisk } from '#server/health/disk.js';
import { checkAddress, checkDatabaseLine, checkFiles, checkMail, type Finding } from './checks.js';
import { checkDatabase } from './checks-database.js';
import { print } from './print.js';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look at the settings and what they lead to, and change nothing')
    .option('--json', 'as JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      const found: Finding[] = [];
      for await (const one of findings()) {
        // A line as soon as it is known: some checks wait for others than this machine.
        if (!json) print(`${one.state.padEnd(4)}  ${one.about.padEnd(8)}  ${one.text}`);
        found.push(one);
      }
      if (json) print(JSON.stringify(found, null, 2));
      const wrong = found.filter(({ state }) => state === 'FAIL').length;
      if (wrong > 0) throw new Conflict(wrong === 1 ? 'One check failed.' : `${wrong} checks failed.`);
    });
}

async function* findings(): AsyncGenerator<Finding> {
  try {
    const config = loadConfig(readDotEnv(), 'leave');
    yield { state: 'ok', about: 'settings', text: 'Each can be read.' };
    for (const text of config.misspelt) yield { state: 'warn', about: 'settings', text };
    yield* checkAddress(config);
    yield* checkFiles(config);
    yield* lookAtDisk(config);
    yield* checkDatabaseLine(config);
    yield* checkDatabase(config);
    yield* checkMail(config);
  } catch (error) {
    if (!(error instanceof BadSettings)) throw error;
    // What follows from wrong settings is not worth a look.
    for (const problem of error.problems) yield { state: 'FAIL', about: 'settings', text: problem };
  }
}

async function* lookAtDisk(config: Config): AsyncGenerator<Finding> {
  if (!existsSync(config.dataDir)) return;
  const { about, state, text } = await checkDisk(config);
  yield { about, state: state === 'fail' ? 'FAIL' : state, text };
}

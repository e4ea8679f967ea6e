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
    .action(async () => {
      let wrong = 0;
      for await (const { state, about, text } of findings()) {
        print(`${state.padEnd(4)}  ${about.padEnd(8)}  ${text}`);
        if (state === 'FAIL') wrong += 1;
      }
      if (wrong > 0) throw new Conflict(wrong === 1 ? 'One check failed.' : `${wrong} checks failed.`);
    });
}

async function* findings(): AsyncGenerator<Finding> {
  readDotEnv();
  try {
    const config = loadConfig(undefined, 'leave');
    yield { state: 'ok', about: 'settings', text: 'Each can be read.' };
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

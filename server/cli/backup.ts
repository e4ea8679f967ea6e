import { resolve } from 'node:path';
import type { Command } from 'commander';
import { counted } from '#policies/counted.js';
import { makeBackup } from '#server/backup/make.js';
import { restoreBackup, type Restored } from '#server/backup/restore.js';
import { loadConfig, readDotEnv } from '#server/config.js';
import { Conflict } from '#server/errors.js';
import { createLog } from '#server/lib/log.js';
import { withInstallation } from './installation.js';
import { print } from './print.js';

export function addBackup(program: Command): void {
  program
    .command('backup')
    .argument('<file>', 'the file to make; it must not be there yet')
    .description('put the whole database into one file, also while Gatehouse serves')
    .action((file: string) =>
      withInstallation('demand', async ({ context }) => {
        const { keys, file: inside } = await makeBackup(context(), file);
        const ids = keys.map(({ id }) => id).join(', ');
        print(
          `${resolve(file)} holds the database as it is now (${counted(inside.size, 'byte')}, SHA-256 ${inside.sha256}).`,
        );
        print(
          `It is worth nothing without the secret key (${ids}), which it does not hold: keep a copy of that elsewhere.`,
        );
      }),
    );
  program
    .command('restore')
    .argument('<file>', 'a file that backup has made')
    .description('put a backup into an empty place, and verify the log of every organisation')
    .action(async (file: string) => {
      readDotEnv();
      const config = loadConfig(undefined, 'leave');
      const log = createLog(config.logLevel, { write: (line: string) => void process.stderr.write(line) });
      tell(await restoreBackup(config, log, file));
    });
}

function tell({ manifest, migrated, logs }: Restored): void {
  const broken: string[] = [];
  for (const { called, verdict } of logs) {
    if (verdict.intact) print(`The log of ${called}: intact, ${counted(verdict.count, 'row')}.`);
    else broken.push(`The log of ${called} is broken at row ${verdict.seq}: ${verdict.why}`);
  }
  if (migrated.length > 0)
    print(`It was of Gatehouse ${manifest.gatehouse}, and was brought up to date: ${migrated.join(', ')}.`);
  print(`Everything is as it was at ${new Date(manifest.madeAt).toISOString()}: what was revoked, ended or used up`);
  print('since then is good again. Look at sessions and credentials before you let people in.');
  if (broken.length > 0) throw new Conflict(`The backup was restored, but ${broken.join(' ')}`);
}
